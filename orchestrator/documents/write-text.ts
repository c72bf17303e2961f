import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/** Writes a file that a person asked for. @throws StintError `cannot-write`. */
export async function writeText(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StintError(
      {
        code: 'cannot-write',
        where: file,
        what: `${file} cannot be written`,
        why,
        todo: 'choose another path, or free space',
      },
      { cause: error },
    );
  }
}
