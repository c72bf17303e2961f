import type { SettledEvaluation } from './evaluation-recipe.ts';
import type { FineTune } from './fine-tune.ts';

/** What one run carries out. An ablation is carried out by a run for each of its arms. */
export type RunRecipe = FineTune | SettledEvaluation;

/** Of a run that has trained something, whose stages and files no other kind of run has. */
export function asFineTune(recipe: RunRecipe): FineTune {
  if (recipe.kind === 'FineTune') return recipe;
  throw new Error(`a run of kind ${recipe.kind} trains nothing`);
}
