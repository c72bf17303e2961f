import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { noFolder } from '../errors/no-folder.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import { makeAnswerStore } from './answer-store.ts';
import { makeBudgetStore } from './budget-store.ts';
import { makeCheckpointStore } from './checkpoint-store.ts';
import { makeEvaluationStore } from './evaluation-store.ts';
import { makeHistoryStore } from './history-store.ts';
import { makeLeaseStore } from './lease-store.ts';
import { makeLedgerStore } from './ledger-store.ts';
import { migrate } from './migrate.ts';
import { makeReportStore } from './report-store.ts';
import { makeRequestStore } from './request-store.ts';
import { makeRunStore } from './run-store.ts';
import type { Database } from './schema.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { sqliteFeed } from './sqlite-feed.ts';
import { makeStepStore } from './step-store.ts';
import type { StoreFeed } from './store-feed.ts';
import { tellingStore } from './telling-store.ts';
import { makeTokenStore } from './token-store.ts';
import { makeUsageStore } from './usage-store.ts';

/**
 * Opens the SQLite store of this machine, and makes it when it is not there. Several processes may have it open.
 *
 * @throws StintError when it cannot be opened or written, is damaged, or was written by a later Stint.
 */
export async function openStore(file: string): Promise<Store> {
  makeFolder(dirname(file));
  requireFile(file);
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  try {
    await migrate(db, file);
    return storeOver(db, await sqliteFeed(db));
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** The queries are the same on every database that Kysely speaks to. */
export function storeOver(db: Kysely<Database>, feed: StoreFeed): Store {
  const store = {
    runs: makeRunStore(db),
    ledger: makeLedgerStore(db),
    usage: makeUsageStore(db),
    budgets: makeBudgetStore(db),
    checkpoints: makeCheckpointStore(db),
    evaluations: makeEvaluationStore(db),
    steps: makeStepStore(db),
    histories: makeHistoryStore(db),
    leases: makeLeaseStore(db),
    requests: makeRequestStore(db),
    tokens: makeTokenStore(db),
    answers: makeAnswerStore(db),
    reports: makeReportStore(db),
    close: () => db.destroy(),
  };
  return tellingStore(store, feed);
}

/** SQLite would tell a folder or a pipe as a store without rights, or as a disk that fails. */
function requireFile(file: string): void {
  let found: Stats | undefined;
  try {
    found = statSync(file, { throwIfNoEntry: false });
  } catch {
    // Where nothing can be said of it, SQLite says why it does not open.
  }
  if (found === undefined || found.isFile()) return;
  throw new StintError({
    code: 'store-cannot-open',
    what: found.isDirectory()
      ? 'a folder has the name of the store'
      : 'what has the name of the store is no file',
    where: file,
    why: 'expected a SQLite database, or nothing, where a new one is then made',
    todo: 'move it away, or name another folder with --home',
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new StintError(
      {
        code: 'store-cannot-open',
        what: 'the folder of the store cannot be made',
        where: folder,
        ...noFolder(cause),
      },
      { cause },
    );
  }
}
