import { StintError } from '../errors/stint-error.ts';
import { digestOf } from './digest.ts';
import type { LoadedArm, LoadedRecipe } from './load-recipe.ts';

/**
 * The recipe as if it asked for no evaluation: its runs end with their registered checkpoints.
 *
 * @throws StintError `evaluation-is-the-factor` for an ablation whose arms would then be the same, `wrong-option` for an evaluation.
 */
export function withoutEvaluation(loaded: LoadedRecipe): LoadedRecipe {
  const { recipe, file } = loaded;
  if (recipe.kind === 'Evaluation')
    throw new StintError({
      code: 'wrong-option',
      where: '--without-evaluation',
      what: `${file} is an evaluation and nothing else`,
      todo: 'leave --without-evaluation out',
    });
  if (recipe.kind === 'Ablation' && recipe.factor.split('.')[0] === 'evaluation')
    throw new StintError({
      code: 'evaluation-is-the-factor',
      where: '--without-evaluation',
      what: `the arms of ${file} differ in ${recipe.factor} alone, and would be the same without evaluation`,
      todo: 'leave --without-evaluation out, or launch a recipe that varies something else',
    });
  const arms = loaded.arms.map(trainedOnly);
  const [only] = arms;
  if (recipe.kind === 'FineTune' && only)
    return { file, recipe: only.recipe, recipeDigest: only.recipeDigest, arms };
  return { ...loaded, recipeDigest: digestOf({ ...recipe, base: arms.map((arm) => arm.recipe) }), arms };
}

function trainedOnly(arm: LoadedArm): LoadedArm {
  const { evaluation: _, ...recipe } = arm.recipe;
  return { ...arm, recipe, recipeDigest: digestOf(recipe), inputs: { ...arm.inputs, benchmarks: [] } };
}
