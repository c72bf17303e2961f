import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Opening } from '../cli/context.ts';
import type { Workplace } from '../controller/workplace.ts';
import { STORE_FILE } from '../documents/find-home.ts';
import { isStintError } from '../errors/stint-error.ts';
import { openStore } from '../store/open-store.ts';

export interface OpenedStore extends Pick<Workplace, 'store' | 'host'> {
  /** Where it is, for people to read. */
  readonly place: string;
  /** The home can be read and not written. */
  readonly isSnapshot: boolean;
}

/** The home's own, or a copy of it in memory where it can be read alone and is opened to look. */
export async function openOwn(home: string, how: Opening | undefined): Promise<OpenedStore> {
  const file = join(home, STORE_FILE);
  try {
    return { store: await openStore(file), host: null, place: home, isSnapshot: false };
  } catch (error) {
    const isForReading = how !== 'make' && how !== 'serve' && canBeRead(file) && isNotWritable(error);
    if (!isForReading) throw error;
    const { openSnapshot } = await import('../store/open-snapshot.ts');
    return { store: await openSnapshot(file), host: null, place: home, isSnapshot: true };
  }
}

/** A folder, a pipe and a file without rights give no copy: they are told as what does not open. */
function canBeRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const isNotWritable = (error: unknown): boolean =>
  isStintError(error) &&
  error.problems.some(({ code }) => code === 'store-read-only' || code === 'store-cannot-open');

/** What is not in the store stays in the home: logs, and the work of the local backend. */
export async function openShared(address: string, home: string): Promise<OpenedStore> {
  const [{ openPostgres }, { hostOfHome }] = await Promise.all([
    import('../store/open-postgres.ts'),
    import('../documents/host-of-home.ts'),
  ]);
  const shared = await openPostgres(address, Date.now);
  return { ...shared, host: await hostOfHome(home), isSnapshot: false };
}
