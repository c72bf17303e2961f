import type { LoadedArm } from '../documents/load-recipe.ts';
import type { Evidence } from '../plan/evidence.ts';
import { makeEvaluationPlan } from '../plan/make-evaluation-plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import type { RecipePlan } from './plan-recipe.ts';

export function planEvaluation(
  { recipe, recipeDigest, pinned }: LoadedArm<SettledEvaluation>,
  profile: ClusterProfile,
  evidence?: Evidence,
): RecipePlan {
  const plan = makeEvaluationPlan(recipe, recipeDigest, profile, evidence, pinned);
  return { whole: plan, plans: [plan] };
}
