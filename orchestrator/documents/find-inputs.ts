import { dirname } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import type { Source } from '../recipe/dataset.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { Evaluation } from '../recipe/evaluation-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { PretrainedModel } from '../recipe/model.ts';
import { type FoundFile, findDataFiles } from './find-data-files.ts';
import { findModel, type ModelPlace } from './find-model-files.ts';
import type { Locate } from './locate-field.ts';
import { requireSameNumbers } from './require-same-numbers.ts';

/** Where what a recipe names is, as far as this machine can see. */
export interface FoundInputs {
  /** Null for one that starts from scratch. */
  readonly model: ModelPlace | null;
  /** Null where the source is no file, or none that this machine sees. */
  readonly dataset: readonly FoundFile[] | null;
  readonly benchmarks: readonly {
    readonly benchmark: string;
    readonly files: readonly FoundFile[] | null;
  }[];
  /** What the checkpoint that is evaluated was trained on; absent where it is not here, or nothing is. */
  readonly trainedOn?: FoundFile;
}

/**
 * What is missing should be said now, not after a stage has started.
 *
 * @throws StintError with the place in the recipe of what leads nowhere, or to something else than was meant.
 */
export async function findInputs(file: string, recipe: FineTune, locate: Locate): Promise<FoundInputs> {
  const { model, dataset, evaluation } = recipe;
  return {
    model: model.kind === 'pretrained' ? await modelOf(file, model, locate) : null,
    dataset: await findSource(file, dataset.source, ['dataset'], locate),
    benchmarks: evaluation ? await findBenchmarks(file, evaluation, locate) : [],
  };
}

/** The same of what an evaluation asks, and of the model that it asks where it names one. @throws StintError as `findInputs`. */
export async function findEvaluationInputs(
  file: string,
  { model, evaluation }: Evaluation,
  locate: Locate,
): Promise<FoundInputs> {
  return {
    model: model === undefined ? null : await modelOf(file, model, locate),
    dataset: null,
    benchmarks: await findBenchmarks(file, evaluation, locate),
  };
}

const findBenchmarks = (
  file: string,
  { benchmarks }: EvaluationSettings,
  locate: Locate,
): Promise<FoundInputs['benchmarks']> =>
  Promise.all(
    benchmarks.map(async ({ name, source }, index) => ({
      benchmark: name,
      files: await findSource(file, source, ['evaluation', 'benchmarks', index], locate),
    })),
  );

async function findSource(
  file: string,
  source: Source,
  where: readonly (string | number)[],
  locate: Locate,
): Promise<FoundInputs['dataset']> {
  if (source.kind !== 'file') return null;
  const files = await findDataFiles(dirname(file), source.path);
  if (files === null || !('code' in files)) return files;
  const why = 'a data file is looked up relative to the folder of its recipe';
  throw new StintError({ ...files, where: locate([...where, 'source', 'path']), why });
}

async function modelOf(file: string, model: PretrainedModel, locate: Locate): Promise<ModelPlace> {
  const found = await findModel(dirname(file), model.repository, model.revision);
  if ('what' in found) throw new StintError({ ...found, where: locate(['model', 'repository']) });
  if (found.kind === 'folder') await requireSameNumbers(found.folder, model.architecture, locate);
  return found;
}
