import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import { openStore } from './open-store.ts';

/**
 * A store that this user may read and not write, as it is now: a copy of its own, that is thrown away when it is closed.
 * SQLite reads a database with a write-ahead log in place only where it can make or find the log's index beside it, and a
 * copy can also be summed up and brought to the newest schema.
 *
 * @throws StintError when it cannot be read either; its copy refuses with `store-read-only` what would be lost with it.
 */
export async function openSnapshot(file: string): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'stint-snapshot-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'stint.db');
    copyDatabase(file, copy);
    const store = await openStore(copy);
    return readOnly(store, file, async () => {
      await store.close();
      remove();
    });
  } catch (error) {
    remove();
    throw error;
  }
}

/** Whoever writes meanwhile is waited for, where that can be known. */
function copyDatabase(file: string, copy: string): void {
  if (vacuumInto(file, copy)) return;
  const log = `${file}-wal`;
  // With nothing in the log, the file is the whole database.
  if (!existsSync(log) || statSync(log).size === 0) {
    const asItIs = pathToFileURL(file);
    asItIs.searchParams.set('immutable', '1');
    if (vacuumInto(asItIs, copy)) return;
  }
  rmSync(copy, { force: true });
  copyFileSync(file, copy);
  // Nobody writes: a writer would have made the index that was missed.
  if (existsSync(log)) copyFileSync(log, `${copy}-wal`);
}

function vacuumInto(source: string | URL, copy: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(source, { readOnly: true });
    database.prepare('VACUUM INTO ?').run(copy);
    return true;
  } catch {
    return false;
  } finally {
    database?.close();
  }
}

/** Sums that follow from what is recorded may be made again. */
function readOnly(store: Store, file: string, close: () => Promise<void>): Store {
  const refuse = (): Promise<never> => Promise.reject(notWritable(file));
  const { runs, ledger, budgets, checkpoints, evaluations, steps, histories, leases, requests } = store;
  return {
    ...store,
    runs: { ...runs, create: refuse, append: refuse },
    ledger: { ...ledger, record: refuse },
    budgets: { ...budgets, apply: refuse, admit: refuse },
    checkpoints: { ...checkpoints, register: refuse },
    evaluations: { ...evaluations, record: refuse },
    steps: { ...steps, record: refuse },
    histories: { ...histories, restore: refuse },
    leases: { ...leases, acquire: refuse, beat: refuse, leave: refuse, release: refuse },
    requests: { ...requests, ask: refuse, withdraw: refuse },
    close,
  };
}

const notWritable = (file: string): StintError =>
  new StintError({
    code: 'store-read-only',
    where: file,
    what: 'the store cannot be written; nothing was changed',
    why: 'this user may read what is recorded there, and no more',
    todo: 'make the file and its folder writable for this user, or name another folder with --home',
  });
