import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { loadRecipe } from '../documents/load-recipe.ts';
import { putInYaml } from '../documents/put-in-yaml.ts';
import { replaceText } from '../documents/replace-text.ts';
import { StintError } from '../errors/stint-error.ts';
import { histogramOf } from '../plan/histogram-of.ts';
import type { Inspection } from '../wire/inspection.ts';

/**
 * Puts measured lengths into a recipe as `dataset.lengths`, so that it can be planned where its data is not. An ablation's
 * go to where its base is written. Gives the file that has them now.
 *
 * @throws StintError `no-lengths`, or as `putInYaml` does.
 */
export async function writeLengths(file: string, inspection: Inspection): Promise<string> {
  const { lengths, tokenizer, inputs } = inspection;
  const { name, sha256 } = inputs.dataset;
  const source = `measured by stint data inspect: ${name}${sha256 === null ? '' : `, ${sha256}`}`;
  const histogram = histogramOf(lengths, source, tokenizer?.sha256 ?? null);
  if (histogram === null)
    throw new StintError({
      code: 'no-lengths',
      where: file,
      what: 'no row can be used, so there are no lengths to write',
      todo: 'fix the rows that are named, or dataset.fields',
    });
  const { recipe } = await loadRecipe(file);
  const base = recipe.kind === 'Ablation' ? recipe.base : undefined;
  const target = typeof base === 'string' ? resolve(dirname(file), base) : file;
  const path = typeof base === 'object' ? ['base', 'dataset', 'lengths'] : ['dataset', 'lengths'];
  const { otherTokens: _, ...written } = histogram;
  await replaceText(target, putInYaml(await readFile(target, 'utf8'), target, path, written));
  return target;
}
