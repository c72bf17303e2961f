import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './digest.ts';

/** Digest of the trainer's source: what it answered before it was changed is no answer any more. */
export async function readerDigest(checkout: string): Promise<string> {
  const names: string[] = [];
  const folder = join(checkout, 'trainer');
  for await (const name of glob(['**/*.py', '*.lock'], { cwd: folder, exclude: ['tests/**', 'bench/**'] }))
    names.push(name);
  const texts = await Promise.all(
    names.toSorted().map(async (name) => `${name}\n${await readFile(join(folder, name), 'utf8')}`),
  );
  return sha256(texts.join('\n'));
}
