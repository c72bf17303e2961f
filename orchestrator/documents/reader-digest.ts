import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './digest.ts';

/** Digest of the trainer's source: what it answered before it was changed is no answer any more. */
export const readerDigest = (checkout: string): Promise<string> =>
  trainerDigest(checkout, ['**/*.py', '*.lock'], ['tests/**', 'bench/**']);

/** Of what decides a step; the same as in trainer/rehearse/code.py. */
export const stepDigest = (checkout: string): Promise<string> =>
  trainerDigest(checkout, ['*.py', '{sft,rehearse}/*.py', '*.lock']);

async function trainerDigest(
  checkout: string,
  patterns: readonly string[],
  exclude: readonly string[] = [],
): Promise<string> {
  const names: string[] = [];
  const folder = join(checkout, 'trainer');
  for await (const name of glob(patterns, { cwd: folder, exclude })) names.push(name);
  const texts = await Promise.all(
    names.toSorted().map(async (name) => `${name}\n${await readFile(join(folder, name), 'utf8')}`),
  );
  return sha256(texts.join('\n'));
}
