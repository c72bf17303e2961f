import { type Problem, StintError } from '../errors/stint-error.ts';

/** Somebody else wrote first, or the id is taken: read again and decide again. */
export const conflict = (what: string, where: string): StintError =>
  new StintError({
    code: 'conflict',
    what,
    where,
    todo: 'look at it again; if it still needs doing, run the command once more',
  });

export const isConflict = (error: unknown): boolean =>
  error instanceof StintError && error.problems.some(({ code }) => code === 'conflict');

export const unknownRun = (run: string): StintError =>
  new StintError({
    code: 'unknown-run',
    what: `no run "${run}" is recorded here`,
    where: run,
    todo: 'list the runs with `stint runs ls`',
  });

interface SqliteFailure {
  /** Extended result code; its low byte is the primary one (https://sqlite.org/rescode.html). */
  readonly errcode: number;
}

function isSqliteFailure(error: unknown): error is Error & SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

const BUSY = 5;

export const isBusy = (error: unknown): boolean => isSqliteFailure(error) && (error.errcode & 0xff) === BUSY;

type Advice = Pick<Problem, 'code' | 'what' | 'todo'>;

const BROKEN: Advice = {
  code: 'store-corrupt',
  what: 'the store is damaged, or is no SQLite database',
  todo: 'move the file and its -wal and -shm neighbours away and put a backup in their place; `sqlite3 FILE .recover` may save the rest',
};

const ADVICE: Readonly<Record<number, Advice>> = {
  [BUSY]: {
    code: 'store-busy',
    what: 'another process kept the store locked for too long',
    todo: 'try again; if it stays so, end the process that holds the file open (`fuser FILE` names it)',
  },
  8: {
    code: 'store-read-only',
    what: 'the store cannot be written',
    todo: 'make the file and its folder writable for this user, or name another folder with --home',
  },
  10: {
    code: 'store-input-output',
    what: 'the disk failed to read or write the store',
    todo: 'check the disk and its mount; a network file system without locks cannot hold the store',
  },
  11: BROKEN,
  13: {
    code: 'store-full',
    what: 'the disk has no room left for the store; nothing of this change was kept',
    todo: 'free some space and run the command again',
  },
  14: {
    code: 'store-cannot-open',
    what: 'the store cannot be opened or created',
    todo: 'check that its folder exists and is writable for this user, or name another folder with --home',
  },
  26: BROKEN,
};

/** What a person can do about a failure of the database; any other error comes back as it is. */
export function explainSqlite(error: unknown, file: string): unknown {
  if (!isSqliteFailure(error)) return error;
  const advice = ADVICE[error.errcode & 0xff];
  if (advice === undefined) return error;
  return new StintError({ ...advice, where: file, why: error.message }, { cause: error });
}
