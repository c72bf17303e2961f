import type { LoadedRuns } from '../controller/record-runs.ts';
import type { RecipePlan } from '../operations/plan-recipe.ts';
import { requireInputsHere } from '../operations/require-inputs-here.ts';
import { settleEvaluation } from '../operations/settle-evaluation.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { CliContext } from './context.ts';
import { loadWhole, type RecipeOptions } from './load-to-plan.ts';
import { pinArms, pinRecipe } from './pin-recipe.ts';
import { planEvaluationHere, planHere } from './plan-here.ts';
import { askedHere, type EvaluatedOptions } from './who-answers.ts';
import { withServersSeen } from './with-servers-seen.ts';

export interface PlannedRuns extends RecipePlan {
  readonly loaded: LoadedRuns;
}

/**
 * The runs that a recipe of any kind stands for, with what they read pinned, and what they will take on a cluster.
 *
 * @throws StintError for a recipe that cannot be used, and what it reads that is not where the runs will look for it.
 */
export async function planRunsOfFile(
  file: string,
  options: RecipeOptions & EvaluatedOptions,
  profile: ClusterProfile,
  context: CliContext,
): Promise<PlannedRuns> {
  const whole = await loadWhole(file, options);
  const asked = askedHere(whole, options);
  if (asked !== undefined) {
    const arms = await pinArms([await settleEvaluation(asked, () => context.openWorkplace())], context);
    const [arm] = arms;
    if (arm === undefined) throw new Error('what is pinned is what was given');
    requireInputsHere({ file, arms }, profile);
    const plan = await planEvaluationHere(arm, profile, context);
    const planned = await withServersSeen(plan, [arm.recipe], context);
    return { loaded: { recipe: whole.recipe, arms }, ...planned };
  }
  const loaded = await pinRecipe(whole, context);
  requireInputsHere(loaded, profile);
  const recipes = loaded.arms.map(({ recipe }) => recipe);
  return { loaded, ...(await withServersSeen(await planHere(loaded, profile, context), recipes, context)) };
}
