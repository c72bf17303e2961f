import { recordRuns } from '../controller/record-runs.ts';
import { stageInputs, unstageInputs } from '../controller/stage-inputs.ts';
import type { Workplace } from '../controller/workplace.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import { requireLaunchable } from '../operations/plan-recipe.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { CliContext } from './context.ts';
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
  requireLaunchable(whole);
  await context.requireReady(profile);
  if (!options.json) context.output.tell(planSummary(whole, plans));
  const workplace = await context.openWorkplace('make');
  const staging = { ...workplace, hashes: hashMemory(context.home) };
  const records = await recordRuns(workplace, loaded, profile, plans, {
    stage: (runs) => stageInputs(staging, loaded.arms, runs),
    unstage: (runs) => unstageInputs(staging, runs),
  });
  return { workplace, records };
}
