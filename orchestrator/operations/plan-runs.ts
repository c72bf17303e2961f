import type { Answer } from '../contract/routes.ts';
import type { Submission } from '../contract/submission.ts';
import { calibrationOn } from '../controller/calibration-of.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { LaunchDesk } from './desk.ts';
import { planEvaluation } from './plan-evaluation.ts';
import { planRecipe, type RecipePlan } from './plan-recipe.ts';
import { submittedEvaluation } from './submitted-evaluation.ts';
import { submittedProfile } from './submitted-profile.ts';
import { submittedRuns } from './submitted-runs.ts';
import { withRehearsals } from './with-rehearsals.ts';

/** The plan of a submission, with what this store's finished runs have taught. @throws StintError for what cannot be planned. */
export async function planRuns(desk: LaunchDesk, submission: Submission): Promise<Answer<'planRuns'>> {
  const { whole, profile } = await planSubmission(desk, submission);
  return { plan: whole, profile };
}

export interface PlannedSubmission extends RecipePlan {
  /** In the order of the plans. */
  readonly arms: readonly LoadedArm<RunRecipe>[];
  readonly profile: ClusterProfile;
}

export async function planSubmission(
  desk: Pick<LaunchDesk, 'workplace' | 'caller' | 'site'>,
  submission: Submission,
): Promise<PlannedSubmission> {
  const { store, now } = desk.workplace;
  const { recipe } = submission;
  const profile = await submittedProfile(submission, desk.site.home, now());
  if (recipe.kind === 'Evaluation') {
    const arm = await submittedEvaluation(desk, recipe, submission);
    return { ...planEvaluation(arm, profile, submission.seen[0]), arms: [arm], profile };
  }
  const { loaded, evidenceOf } = submittedRuns(recipe, submission);
  const planned = planRecipe(loaded, profile, await calibrationOn(store, profile), evidenceOf);
  const { rehearsals } = submission;
  // They are kept where they were made, and come with the recipe where its owner has planned it before.
  const rehearsed = rehearsals === undefined ? planned : withRehearsals(planned, rehearsals);
  return { ...rehearsed, arms: loaded.arms, profile };
}
