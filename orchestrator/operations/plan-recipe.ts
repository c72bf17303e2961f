import type { LoadedRecipe } from '../documents/load-recipe.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { StintError } from '../errors/stint-error.ts';
import { type CalibrationOf, UNCALIBRATED } from '../plan/calibration.ts';
import type { EvidenceOf } from '../plan/evidence.ts';
import { makeAblationPlan } from '../plan/make-ablation-plan.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { AblationPlan, Plan, Verdict } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';

export type RecipePlan = { readonly whole: Plan | AblationPlan; readonly plans: readonly Plan[] };

/**
 * The plan of a recipe: of a FineTune its own, of an Ablation one an arm with their sums.
 *
 * @throws StintError `nothing-to-plan` for the kinds that train nothing.
 */
export function planRecipe(
  loaded: LoadedRecipe,
  profile: ClusterProfile,
  calibrationOf: CalibrationOf = () => UNCALIBRATED,
  evidenceOf: EvidenceOf = () => undefined,
): RecipePlan {
  const { recipe, recipeDigest, arms, file } = loaded;
  const [only] = arms;
  if (recipe.kind === 'FineTune' && only) {
    const plan = makePlan(
      only.recipe,
      recipeDigest,
      profile,
      evidenceOf(only.recipe),
      calibrationOf(only.recipe),
      only.pinned,
    );
    return { whole: plan, plans: [plan] };
  }
  if (recipe.kind === 'Ablation') {
    const whole = makeAblationPlan(recipe, recipeDigest, arms, profile, calibrationOf, evidenceOf);
    return { whole, plans: whole.arms.map((arm) => arm.plan) };
  }
  throw nothingToPlan(file, recipe.kind);
}

export const nothingToPlan = (file: string, kind: string): StintError =>
  new StintError({
    code: 'nothing-to-plan',
    where: `${file} kind`,
    ...(kind === 'Evaluation'
      ? {
          what: 'a recipe of kind Evaluation trains nothing, and this is about steps of training',
          todo: 'name a FineTune or Ablation recipe; `stint plan` and `stint eval` take this one',
        }
      : {
          what: `a recipe of kind ${kind} has no plan yet`,
          why: 'only FineTune, Ablation and Evaluation recipes can be planned and launched so far',
          todo: 'name a recipe of one of these kinds',
        }),
  });

/** The verdicts for which nothing may start. */
export const refusals = (plan: Plan | AblationPlan): readonly Verdict[] =>
  plan.verdicts.filter((verdict) => !verdict.ok && verdict.refuses);

/** @throws StintError with one problem for each verdict for which nothing may start. */
export function requireLaunchable(plan: Plan | AblationPlan): void {
  const refused = refusals(plan);
  if (refused.length === 0) return;
  throw new StintError(
    refused.map((verdict) => ({
      // A plan that was just made has no other names.
      code: verdict.name as ErrorCode,
      where: `${plan.recipe} on ${plan.cluster}`,
      what: verdict.message,
      todo: 'change the recipe or the cluster as said; `stint plan` shows all figures. Nothing was started',
    })),
  );
}
