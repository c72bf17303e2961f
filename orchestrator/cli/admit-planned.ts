import { createRuns } from '../controller/create-runs.ts';
import { stageInputs, unstageInputs } from '../controller/stage-inputs.ts';
import type { Workplace } from '../controller/workplace.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { StintError } from '../errors/stint-error.ts';
import type { AblationPlan, Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecord } from '../store/port.ts';
import type { CliContext } from './context.ts';
import { refusals } from './plan-recipe.ts';
import type { PlannedRuns } from './plan-runs.ts';
import { planSummary } from './plan-summary.ts';

export interface Admitted {
  readonly workplace: Workplace;
  readonly records: readonly RunRecord[];
}

/**
 * Records the runs of a recipe that was planned, with what they read in its place, where plan, cluster and budgets allow it.
 *
 * @throws StintError with one problem for each verdict that refuses, and as `createRuns` does; nothing has been started then.
 */
export async function admitPlanned(
  { loaded, whole, plans }: PlannedRuns,
  profile: ClusterProfile,
  context: CliContext,
  options: { readonly json?: boolean },
): Promise<Admitted> {
  refuse(whole);
  await context.requireReady(profile);
  if (!options.json) context.output.tell(planSummary(whole, plans));
  const workplace = await context.openWorkplace('make');
  const staging = { ...workplace, hashes: hashMemory(context.home) };
  const records = await createRuns(workplace, loaded, profile, plans, {
    stage: (runs) => stageInputs(staging, loaded.arms, runs),
    unstage: (runs) => unstageInputs(staging, runs),
  });
  return { workplace, records };
}

function refuse(plan: Plan | AblationPlan): void {
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
