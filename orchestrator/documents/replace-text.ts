import { rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/** Puts a new text in the place of a file's old one: whoever reads it meanwhile sees one or the other. @throws StintError `cannot-write`. */
export async function replaceText(file: string, text: string): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    const { mode } = await stat(file);
    await writeFile(beside, text, { mode });
    await rename(beside, file);
  } catch (error) {
    throw new StintError(
      {
        code: 'cannot-write',
        where: file,
        what: `${file} cannot be written`,
        why: error instanceof Error ? error.message : String(error),
        todo: 'check its permissions and those of its folder, or free space',
      },
      { cause: error },
    );
  }
}
