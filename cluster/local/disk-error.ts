import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { errorCode } from './error-code.ts';

const ADVICE: Readonly<Record<string, readonly [code: ErrorCode, what: string, todo: string]>> = {
  EACCES: [
    'folder-not-writable',
    'may not be written to',
    'give yourself the right to write there, or choose another folder',
  ],
  EPERM: [
    'folder-not-writable',
    'may not be written to',
    'give yourself the right to write there, or choose another folder',
  ],
  EROFS: ['folder-not-writable', 'is on a read-only file system', 'choose a folder on another one'],
  ENOTDIR: ['folder-not-writable', 'is no folder', 'choose another folder, or remove the file in its place'],
  ENOENT: ['folder-not-writable', 'cannot be made', 'choose another folder'],
  ENOSPC: ['disk-full', 'is on a full disk', 'free some space, then try again; nothing was started'],
  EDQUOT: ['disk-full', 'has used up its disk quota', 'free some space, then try again; nothing was started'],
};

/** Runs an action that writes below `root`; an error of the file system becomes one that a person can act on. */
export async function explainingDiskErrors<T>(root: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const [code, what, todo] = ADVICE[errorCode(error) ?? ''] ?? [];
    if (code === undefined) throw error;
    throw new StintError(
      {
        code,
        where: root,
        what: `the state folder ${root} ${what}`,
        why: (error as Error).message,
        todo: todo ?? '',
      },
      { cause: error },
    );
  }
}
