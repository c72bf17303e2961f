import type { LoadedRuns } from '../controller/create-runs.ts';
import type { RecipePlan } from '../operations/plan-recipe.ts';
import { requireInputsHere } from '../operations/require-inputs-here.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { CliContext } from './context.ts';
import { loadWhole, type RecipeOptions } from './load-to-plan.ts';
import { pinRecipe } from './pin-recipe.ts';
import { planEvaluation } from './plan-evaluation.ts';
import { planHere } from './plan-here.ts';
import { type EvaluatedOptions, isEvaluation, settleEvaluation } from './settle-evaluation.ts';

export interface PlannedRuns extends RecipePlan {
  readonly loaded: LoadedRuns;
}

/**
 * The runs that a recipe of any kind stands for, with what they read pinned, and what they will take on a cluster.
 *
 * @throws StintError for a recipe that cannot be used, and what it reads that is not where the runs will look for it.
 */
export async function planRuns(
  file: string,
  options: RecipeOptions & EvaluatedOptions,
  profile: ClusterProfile,
  context: CliContext,
): Promise<PlannedRuns> {
  const whole = await loadWhole(file, options);
  if (isEvaluation(whole)) {
    const arms = [await settleEvaluation(whole, options, context)] as const;
    requireInputsHere({ file, arms }, profile);
    return { loaded: { recipe: whole.recipe, arms }, ...planEvaluation(arms[0], profile) };
  }
  const loaded = await pinRecipe(whole, context);
  requireInputsHere(loaded, profile);
  return { loaded, ...(await planHere(loaded, profile, context)) };
}
