import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { isStintError, StintError } from '../errors/stint-error.ts';
import type { PlannedInputs } from '../plan/planned-inputs.ts';
import { type Arm, expandAblation } from '../recipe/expand-ablation.ts';
import { type FineTune, FineTuneSchema } from '../recipe/fine-tune.ts';
import { type Recipe, RecipeSchema } from '../recipe/recipe.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { digestOf } from './digest.ts';
import { type FoundInputs, findEvaluationInputs, findInputs } from './find-inputs.ts';
import { findModel } from './find-model-files.ts';
import { type Locate, writtenAt } from './locate-field.ts';
import { type Located, readLocated } from './read-document.ts';
import { withArchitecture } from './with-architecture.ts';

export interface LoadedArm<Of extends RunRecipe = FineTune> extends Arm<Of> {
  readonly recipeDigest: string;
  /** Where its model, data and benchmarks are. */
  readonly inputs: FoundInputs;
  /** Their content, where it was looked at. */
  readonly pinned?: PlannedInputs;
}

export interface LoadedRecipe {
  readonly file: string;
  readonly recipe: Recipe;
  readonly recipeDigest: string;
  /** The FineTune recipes it stands for: one for a FineTune (named as it), one an arm for an Ablation, else none. */
  readonly arms: readonly LoadedArm[];
  /** Of an Evaluation: where its benchmarks are, and its model where it names one. */
  readonly asked?: FoundInputs;
}

/**
 * Reads a recipe of any kind, follows an ablation's `base`, and finds the model, data and benchmarks that it names.
 *
 * @throws StintError with file, line, column and field path of everything that is wrong.
 */
export async function loadRecipe(file: string): Promise<LoadedRecipe> {
  const read = await readLocated(file, RecipeSchema, withArchitecture);
  const recipe = read.value;
  const arms = await Promise.all(
    (await armsOf(read, file)).map(async ({ locate, ...arm }) => ({
      ...arm,
      recipeDigest: digestOf(arm.recipe),
      inputs: await findInputs(file, arm.recipe, locate),
    })),
  );
  if (recipe.kind === 'Evaluation')
    return {
      file,
      recipe,
      recipeDigest: digestOf(recipe),
      arms,
      asked: await findEvaluationInputs(file, recipe, read.locate),
    };
  const whole = recipe.kind === 'Ablation' ? { ...recipe, base: arms.map((arm) => arm.recipe) } : recipe;
  return { file, recipe, recipeDigest: digestOf(whole), arms };
}

async function armsOf(
  { value: recipe, locate }: Located<Recipe>,
  file: string,
): Promise<readonly (Arm & { readonly locate: Locate })[]> {
  if (recipe.kind === 'FineTune') return [{ name: recipe.name, value: null, recipe, locate }];
  if (recipe.kind !== 'Ablation') return [];
  const { base, locateInBase } = await baseOf(recipe.base, file, locate);
  return expandAblation(recipe, base, locate).map((arm, index) => ({
    ...arm,
    locate: (path) => {
      const written = writtenAt(recipe, index, path);
      return written.document === 'base' ? locateInBase(written.path) : locate(written.path);
    },
  }));
}

/** A base that is a file of its own: what it names lies relative to it, and is named as seen from the ablation. */
async function baseOf(
  base: string | FineTune,
  file: string,
  locate: Located<Recipe>['locate'],
): Promise<{ readonly base: FineTune; readonly locateInBase: Located<FineTune>['locate'] }> {
  if (typeof base !== 'string') return { base, locateInBase: () => file };
  const baseFile = resolve(dirname(file), base);
  const read = await readBase(baseFile, locate(['base']));
  return { base: await seenFrom(dirname(file), dirname(baseFile), read.value), locateInBase: read.locate };
}

/** @param namedAt - Where the ablation names it: that is to be fixed where there is no such file. */
async function readBase(file: string, namedAt: string): Promise<Located<FineTune>> {
  try {
    return await readLocated(file, FineTuneSchema, withArchitecture);
  } catch (error) {
    if (!isStintError(error)) throw error;
    const placed = error.problems.map((problem) =>
      problem.where === file ? { ...problem, where: namedAt } : problem,
    );
    throw new StintError(placed, { cause: error });
  }
}

async function seenFrom(folder: string, baseFolder: string, recipe: FineTune): Promise<FineTune> {
  const seen = (path: string) =>
    isAbsolute(path) ? path : relative(resolve(folder), resolve(baseFolder, path));
  type Source = FineTune['dataset']['source'];
  const moved = (source: Source): Source =>
    source.kind === 'file'
      ? { ...source, path: typeof source.path === 'string' ? seen(source.path) : source.path.map(seen) }
      : source;
  const { model, dataset, evaluation } = recipe;
  const isFolder = model.kind === 'pretrained' && !(await isHubId(baseFolder, model));
  return {
    ...recipe,
    model: isFolder ? { ...model, repository: seen(model.repository) } : model,
    dataset: { ...dataset, source: moved(dataset.source) },
    ...(evaluation && {
      evaluation: {
        ...evaluation,
        benchmarks: evaluation.benchmarks.map((each) => ({ ...each, source: moved(each.source) })),
      },
    }),
  };
}

/** What is a hub's repository, or would be with a revision, keeps its id. */
async function isHubId(
  folder: string,
  { repository, revision }: Extract<FineTune['model'], { kind: 'pretrained' }>,
): Promise<boolean> {
  const found = await findModel(folder, repository, revision);
  return 'kind' in found ? found.kind === 'hub' : found.code === 'revision-missing';
}
