import type { Answer } from '../contract/routes.ts';
import type { Submission } from '../contract/submission.ts';
import { calibrationOn } from '../controller/calibration-of.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { LaunchDesk } from './desk.ts';
import { planRecipe, type RecipePlan } from './plan-recipe.ts';
import { submittedProfile } from './submitted-profile.ts';
import { type Submitted, submittedRuns } from './submitted-runs.ts';

/** The plan of a submission, with what this store's finished runs have taught. @throws StintError for what cannot be planned. */
export async function planRuns(desk: LaunchDesk, submission: Submission): Promise<Answer<'planRuns'>> {
  const { whole, profile } = await planSubmission(desk, submission);
  return { plan: whole, profile };
}

export interface PlannedSubmission extends RecipePlan, Submitted {
  readonly profile: ClusterProfile;
}

export async function planSubmission(
  { workplace: { store, now }, site }: Pick<LaunchDesk, 'workplace' | 'site'>,
  submission: Submission,
): Promise<PlannedSubmission> {
  const profile = await submittedProfile(submission, site.home, now());
  const { loaded, evidenceOf } = submittedRuns(submission);
  const planned = planRecipe(loaded, profile, await calibrationOn(store, profile), evidenceOf);
  return { ...rehearsed(planned, submission), loaded, evidenceOf, profile };
}

/** Rehearsals are kept where they were made. */
function rehearsed({ whole, plans }: RecipePlan, { rehearsals }: Submission): RecipePlan {
  if (rehearsals === undefined) return { whole, plans };
  const all = plans.map((plan, index) => ({ ...plan, rehearsal: rehearsals[index] ?? null }));
  if (!('arms' in whole)) return { whole: { ...whole, rehearsal: rehearsals[0] ?? null }, plans: all };
  return {
    whole: { ...whole, arms: whole.arms.map((arm, index) => ({ ...arm, plan: all[index] ?? arm.plan })) },
    plans: all,
  };
}
