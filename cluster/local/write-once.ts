import { randomUUID } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { errorCode } from './error-code.ts';

/**
 * Writes a JSON file that must not exist yet, whole or not at all, and durably. Of several writers, in any processes,
 * one wins: link(2) makes the name and fails when it is taken.
 *
 * @returns whether this call wrote it.
 */
export async function writeOnce(file: string, value: unknown): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(JSON.stringify(value));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/** The value of a file written by `writeOnce`; undefined when it is not there. */
export async function readWritten<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
