import { dirname } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { findDataFiles, type InputFile } from './find-data-files.ts';
import { findModel, type ModelPlace } from './find-model-files.ts';

/** Where what a recipe names is, as far as this machine can see. */
export interface FoundInputs {
  /** Null for one that starts from scratch. */
  readonly model: ModelPlace | null;
  /** Null where the source is no file, or none that this machine sees. */
  readonly dataset: readonly InputFile[] | null;
  readonly benchmarks: readonly {
    readonly benchmark: string;
    readonly files: readonly InputFile[] | null;
  }[];
}

/** `file:line:column` of a field of the recipe. */
export type Locate = (path: readonly (string | number)[]) => string;

/**
 * What is missing should be said now, not after a stage has started.
 *
 * @throws StintError with the place in the recipe of what leads nowhere, or to something else than was meant.
 */
export async function findInputs(file: string, recipe: FineTune, locate: Locate): Promise<FoundInputs> {
  const folder = dirname(file);
  const find = async (source: FineTune['dataset']['source'], where: readonly (string | number)[]) => {
    if (source.kind !== 'file') return null;
    const files = await findDataFiles(folder, source.path);
    if (files === null || !('code' in files)) return files;
    const why = 'a data file is looked up relative to the folder of its recipe';
    throw new StintError({ ...files, where: locate([...where, 'source', 'path']), why });
  };
  const benchmarks = (recipe.evaluation?.benchmarks ?? []).map(async ({ name, source }, index) => ({
    benchmark: name,
    files: await find(source, ['evaluation', 'benchmarks', index]),
  }));
  return {
    model: await modelOf(folder, recipe, locate),
    dataset: await find(recipe.dataset.source, ['dataset']),
    benchmarks: await Promise.all(benchmarks),
  };
}

async function modelOf(folder: string, { model }: FineTune, locate: Locate): Promise<ModelPlace | null> {
  if (model.kind !== 'pretrained') return null;
  const found = await findModel(folder, model.repository, model.revision);
  if ('kind' in found) return found;
  throw new StintError({ ...found, where: locate(['model', 'repository']) });
}
