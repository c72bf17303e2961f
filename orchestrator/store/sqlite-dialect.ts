import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect, type SqliteStatement } from 'kysely';
import { explainSqlite, isBusy } from './store-error.ts';

/** How long a statement waits for another process's transaction; ours last milliseconds. */
const BUSY_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 20;
const STATEMENTS_KEPT = 200;
/** In characters. */
const LONGEST_KEPT = 4_000;

/**
 * Kysely's SQLite dialect over `node:sqlite`. An acknowledged transaction survives a crash and a power cut
 * (`synchronous=FULL`; under WAL, NORMAL may lose the last ones).
 */
export function sqliteDialect(file: string): SqliteDialect {
  const database = explained(file, () => {
    const opened = new DatabaseSync(file, { timeout: BUSY_MILLISECONDS });
    useWal(opened);
    opened.exec('PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON');
    return opened;
  });
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare: keptStatements((text) => explained(file, () => statement(database, text, file))),
    },
  });
}

/** The same few hundred are asked again and again. Longer ones insert many rows, as many as there just were. */
function keptStatements(prepare: (text: string) => SqliteStatement): (text: string) => SqliteStatement {
  const kept = new Map<string, SqliteStatement>();
  return (text) => {
    const known = kept.get(text) ?? prepare(text);
    if (text.length > LONGEST_KEPT) return known;
    kept.delete(text);
    kept.set(text, known);
    const [oldest = text] = kept.keys();
    if (kept.size > STATEMENTS_KEPT) kept.delete(oldest);
    return known;
  };
}

/**
 * A new file becomes one with a write-ahead log under a lock for which SQLite does not wait, unlike for all others: of
 * processes that open it at the same time, all but one are refused at once.
 */
function useWal(database: DatabaseSync): void {
  const giveUpAt = performance.now() + BUSY_MILLISECONDS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode=WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

function statement(database: DatabaseSync, text: string, file: string): SqliteStatement {
  // A deferred transaction that turns from reading to writing fails at once when another one wrote in between
  // (SQLITE_BUSY_SNAPSHOT); one that says from the start that it writes waits its turn.
  const prepared = database.prepare(text === 'begin' ? 'begin immediate' : text);
  return {
    reader: prepared.columns().length > 0,
    all: (values: readonly SQLInputValue[]) => explained(file, () => prepared.all(...values)),
    run: (values: readonly SQLInputValue[]) =>
      // A full disk rolls back by itself; a second rollback would fail and hide why.
      text === 'rollback' && !database.isTransaction
        ? { changes: 0, lastInsertRowid: 0 }
        : explained(file, () => prepared.run(...values)),
    // Rows that are read one by one keep their statement busy, so it is none that others may be given.
    iterate: (values: readonly SQLInputValue[]) => database.prepare(text).iterate(...values),
  };
}

function explained<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainSqlite(error, file);
  }
}
