import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StintError } from '../errors/stint-error.ts';
import { type Arm, expandAblation } from '../recipe/expand-ablation.ts';
import { type FineTune, FineTuneSchema } from '../recipe/fine-tune.ts';
import { type Recipe, RecipeSchema } from '../recipe/recipe.ts';
import { digestOf } from './digest.ts';
import { readDocument } from './read-document.ts';

export interface LoadedArm extends Arm {
  readonly recipeDigest: string;
}

export interface LoadedRecipe {
  readonly file: string;
  readonly recipe: Recipe;
  readonly recipeDigest: string;
  /** The FineTune recipes it stands for: one for a FineTune (named as it), one an arm for an Ablation, else none. */
  readonly arms: readonly LoadedArm[];
}

/**
 * Reads a recipe of any kind, follows an ablation's `base`, and pins local data files by digest path.
 *
 * @throws StintError with file, line, column and field path of everything that is wrong.
 */
export async function loadRecipe(file: string): Promise<LoadedRecipe> {
  const recipe = await readDocument(file, RecipeSchema);
  const arms = await armsOf(recipe, file);
  await Promise.all(arms.map((arm) => requireDataFiles(arm.recipe, file)));
  const digested = arms.map((arm) => ({ ...arm, recipeDigest: digestOf(arm.recipe) }));
  const whole = recipe.kind === 'Ablation' ? { ...recipe, base: arms.map((arm) => arm.recipe) } : recipe;
  return { file, recipe, recipeDigest: digestOf(whole), arms: digested };
}

async function armsOf(recipe: Recipe, file: string): Promise<readonly Arm[]> {
  if (recipe.kind === 'FineTune') return [{ name: recipe.name, value: null, recipe }];
  if (recipe.kind !== 'Ablation') return [];
  const base =
    typeof recipe.base === 'string'
      ? await readDocument(resolve(dirname(file), recipe.base), FineTuneSchema)
      : recipe.base;
  return expandAblation(recipe, base);
}

/** A data file that is missing should be said now, not after a stage has started. */
async function requireDataFiles(recipe: FineTune, file: string): Promise<void> {
  const sources = [
    { source: recipe.dataset.source, where: 'dataset.source.path' },
    ...(recipe.evaluation?.benchmarks ?? []).map((benchmark, index) => ({
      source: benchmark.source,
      where: `evaluation.benchmarks[${index}].source.path`,
    })),
  ];
  for (const { source, where } of sources) {
    if (source.kind !== 'file') continue;
    const path = dataPath(file, source.path);
    await access(path).catch((error: unknown) => {
      throw new StintError(
        {
          code: 'data-file-missing',
          blame: 'input',
          where: `${file} ${where}`,
          what: `there is no file ${path}`,
          why: 'a data file is looked up relative to the folder of its recipe',
          todo: 'put the file there or mend the path',
        },
        { cause: error },
      );
    });
  }
}

/** Where a recipe's data file lies on this machine. */
export const dataPath = (recipeFile: string, path: string): string => resolve(dirname(recipeFile), path);
