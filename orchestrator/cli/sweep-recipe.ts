import { digestOf } from '../documents/digest.ts';
import type { LoadedRecipe } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { SweepVariant } from '../plan/sweep.ts';
import { expandAblation } from '../recipe/expand-ablation.ts';
import { expandSeries } from '../recipe/expand-series.ts';
import type { FineTune } from '../recipe/fine-tune.ts';

/** A recipe and what it is for each value of one of its fields. */
export interface RecipeSweep {
  readonly recipe: FineTune;
  readonly factor: string;
  readonly variants: readonly SweepVariant[];
}

/**
 * @param series - A field and its values, as `training.sequenceLength=1024,2048`.
 * @throws StintError where the recipe is none that can be swept, the path names no field, or a value does not fit it.
 */
export function sweepRecipe(loaded: LoadedRecipe, series: string): RecipeSweep {
  const { path, values } = expandSeries(series);
  const recipe = recipeToSweep(loaded, path);
  const base = truncating(recipe);
  const arms = values.map((value, index) => ({ name: `value-${index + 1}`, value }));
  const ablation = { kind: 'Ablation', name: recipe.name, base, set: {}, factor: path, arms } as const;
  // A place in an ablation that nobody wrote is the option.
  const variants = expandAblation({ ...ablation, arms: [...arms] }, base, () => '--sweep');
  return {
    recipe,
    factor: path,
    variants: variants.map(({ value, recipe: of }) => ({ value, recipe: of, recipeDigest: digestOf(of) })),
  };
}

/** A FineTune itself; of an ablation what its arms have in common, where the sweep is over the factor in which they differ. */
function recipeToSweep({ recipe, arms: [first], file }: LoadedRecipe, path: string): FineTune {
  if (recipe.kind === 'FineTune') return recipe;
  if (recipe.kind === 'Ablation' && recipe.factor === path && first) return first.recipe;
  const isAblation = recipe.kind === 'Ablation';
  throw new StintError({
    code: 'nothing-to-sweep',
    where: `${file} kind`,
    what: `a recipe of kind ${recipe.kind} cannot be swept over ${path}`,
    why: isAblation
      ? `its arms differ in ${recipe.factor} already, and a sweep varies one field`
      : 'a sweep plans a FineTune recipe, or an ablation over its factor',
    todo: isAblation ? `sweep ${recipe.factor}, or a FineTune recipe` : 'name a FineTune recipe',
  });
}

/** What is too long is cut, where the recipe would not have it. */
const truncating = (recipe: FineTune): FineTune =>
  recipe.dataset.overLength === 'refuse'
    ? { ...recipe, dataset: { ...recipe.dataset, overLength: 'truncate' } }
    : recipe;
