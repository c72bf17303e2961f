import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { noFolder } from '../errors/no-folder.ts';
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
    if (!(await stat(folder)).isDirectory())
      throw Object.assign(new Error('there is a file of that name'), { code: 'ENOTDIR' });
  } catch (cause) {
    throw new StintError(
      {
        code: 'home-not-writable',
        where: folder,
        what: 'the home folder cannot be made',
        ...noFolder(cause),
      },
      { cause },
    );
  }
}
