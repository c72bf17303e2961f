import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/**
 * Makes a home and the folders above it that are missing, one by one: asked for all of them at once, Node tries for ever
 * where a file system takes no folders, as /proc does.
 *
 * @throws StintError `home-not-writable`.
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const each of missing)
      await mkdir(each).catch((error: NodeJS.ErrnoException) => {
        // Another process was faster.
        if (error.code !== 'EEXIST') throw error;
      });
    if (!(await stat(folder)).isDirectory()) throw new Error('there is a file of that name');
  } catch (cause) {
    throw new StintError(
      {
        code: 'home-not-writable',
        where: folder,
        what: 'the home folder cannot be made',
        why: cause instanceof Error ? cause.message : String(cause),
        todo: 'make the folder above it writable for this user, or name another folder with --home',
      },
      { cause },
    );
  }
}
