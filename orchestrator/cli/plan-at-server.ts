import type { RecipePlan } from '../operations/plan-recipe.ts';
import { withRehearsals } from '../operations/with-rehearsals.ts';
import type { AblationPlan, Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { CliContext, ServerAccess } from './context.ts';
import { rehearsalKept } from './kept-rehearsals.ts';
import { rehearsalOf } from './rehearsal-request.ts';
import { type SubmissionHere, type SubmittedOptions, submissionHere } from './submission-here.ts';
import { withServersSeen } from './with-servers-seen.ts';

/** What a server says that a recipe of this machine will take. */
export interface PlannedThere extends RecipePlan, SubmissionHere {
  readonly profile: ClusterProfile;
}

/** The recipe and its data are read here, and planned where the finished runs are known. @throws StintError as both do. */
export async function planAtServer(
  { stint }: Pick<ServerAccess, 'stint'>,
  file: string,
  options: SubmittedOptions,
  context: CliContext,
): Promise<PlannedThere> {
  const here = await submissionHere(file, options, context);
  const { submission, arms, evidenceOf } = here;
  const { plan: first, profile } = await stint.planRuns(submission);
  const recipes = arms.length > 0 ? arms.map(({ recipe }) => recipe) : [submission.recipe];
  const evaluated = recipes.filter((recipe) => recipe.kind !== 'Ablation');
  const planned = await withServersSeen({ whole: first, plans: plansOf(first) }, evaluated, context);
  // An evaluation has no step that could be rehearsed.
  if (arms.length === 0) return { ...here, ...planned, profile };
  const rehearsals = [];
  for (const [index, plan] of planned.plans.entries()) {
    const arm = arms[index];
    if (arm === undefined) throw new Error('each plan is of an arm');
    const { request } = rehearsalOf(arm, profile, plan, evidenceOf(arm.recipe));
    rehearsals.push((await rehearsalKept(request, context)) ?? null);
  }
  return {
    ...here,
    ...withRehearsals(planned, rehearsals),
    submission: { ...submission, rehearsals },
    profile,
  };
}

const plansOf = (whole: Plan | AblationPlan): readonly Plan[] =>
  'arms' in whole ? whole.arms.map(({ plan }) => plan) : [whole];
