import { StintError } from './stint-error.ts';

interface Advice {
  readonly what: string;
  readonly todo: string;
}

const RIGHTS: Advice = {
  what: 'this user may not do that',
  todo: 'check who may read and write there, or name another place',
};

/** What an operating system refuses, by its own names (errno(3)); nobody wrote a wrong program for these. */
const ADVICE: Readonly<Record<string, Advice>> = {
  ENOSPC: { what: 'the disk has no room left', todo: 'free some space and run the command again' },
  EDQUOT: { what: 'the quota of the disk is used up', todo: 'free some space and run the command again' },
  EROFS: { what: 'the file system is read-only', todo: 'name a place that can be written' },
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EIO: { what: 'the disk failed to read or write', todo: 'check the disk and its mount' },
  EMFILE: {
    what: 'too many files are open',
    todo: 'raise the limit (`ulimit -n`) and run the command again',
  },
  ENFILE: {
    what: 'too many files are open on this machine',
    todo: 'end what holds them and run the command again',
  },
  ENOMEM: { what: 'this machine has no memory left', todo: 'end what holds it and run the command again' },
  ENOENT: { what: 'there is no such file or folder', todo: 'check the path' },
  ENOTDIR: { what: 'a part of this path is no folder', todo: 'check the path' },
  EISDIR: { what: 'this is a folder', todo: 'name a file' },
  ENAMETOOLONG: { what: 'this path is too long', todo: 'name a shorter one' },
  ELOOP: { what: 'the links of this path lead in a circle', todo: 'check the path' },
};

/** What to say of an error of the operating system; undefined for any other. */
export function explainSystemError(error: unknown): StintError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const advice = ADVICE[String(error.code)];
  if (advice === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return new StintError(
    {
      code: 'machine-refused',
      ...(path !== undefined && { where: path }),
      what: advice.what,
      why: `${String(error.syscall)}: ${String(error.code)}`,
      todo: advice.todo,
    },
    { cause: error },
  );
}
