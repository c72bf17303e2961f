import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SqliteDialect, type SqliteStatement } from 'kysely';
import { explainSqlite, isBusy } from './store-error.ts';

/** How long a statement waits for another process's transaction; ours last milliseconds. */
const BUSY_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 20;

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
      prepare: (text) => explained(file, () => statement(database, text, file)),
    },
  });
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
  // A full disk rolls back by itself; a second rollback would fail and hide why.
  const isDone = text === 'rollback' && !database.isTransaction;
  return {
    reader: prepared.columns().length > 0,
    all: (values: readonly SQLInputValue[]) => explained(file, () => prepared.all(...values)),
    run: (values: readonly SQLInputValue[]) =>
      isDone ? { changes: 0, lastInsertRowid: 0 } : explained(file, () => prepared.run(...values)),
    iterate: (values: readonly SQLInputValue[]) => prepared.iterate(...values),
  };
}

function explained<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainSqlite(error, file);
  }
}
