import { mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes a folder in it and removes it again: rights on a network's file system show only when they are used. */
export async function inspectWorkFolder(folder: string): Promise<{ readonly trouble: string | null }> {
  try {
    await rmdir(await mkdtemp(join(folder, '.stint-doctor-')));
    return { trouble: null };
  } catch (error) {
    return { trouble: (error as Error).message };
  }
}
