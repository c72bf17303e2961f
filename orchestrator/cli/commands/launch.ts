import { createRuns } from '../../controller/create-runs.ts';
import { stageInputs, unstageInputs } from '../../controller/stage-inputs.ts';
import { hashMemory } from '../../documents/cache-folder.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { StintError } from '../../errors/stint-error.ts';
import type { AblationPlan, Plan } from '../../plan/plan.ts';
import type { CliContext } from '../context.ts';
import { loadToPlan, type RecipeOptions } from '../load-to-plan.ts';
import { printJson } from '../output.ts';
import { requireInputsHere } from '../pin-recipe.ts';
import { planHere } from '../plan-here.ts';
import { refusals } from '../plan-recipe.ts';
import { planSummary } from '../plan-summary.ts';
import { pricedProfile } from '../priced-profile.ts';
import { startRuns } from '../start-runs.ts';
import { workOnRuns } from '../work-on-runs.ts';

export interface LaunchOptions extends RecipeOptions {
  readonly cluster: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `stint launch RECIPE --cluster PROFILE [--wait]`: plan, and if the plan allows it, run. */
export async function launch(
  recipeFile: string,
  options: LaunchOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const [loaded, profile] = await Promise.all([
    loadToPlan(recipeFile, options, context),
    pricedProfile(options.cluster, context.home, Date.now()),
  ]);
  requireInputsHere(loaded, profile);
  const { whole, plans } = await planHere(loaded, profile, context);
  refuse(whole);
  await context.requireReady(profile);
  if (!options.json) output.tell(planSummary(whole, plans));

  const workplace = await context.openWorkplace('make');
  const staging = { ...workplace, hashes: hashMemory(context.home) };
  const records = await createRuns(workplace, loaded, profile, plans, {
    stage: (runs) => stageInputs(staging, loaded.arms, runs),
    unstage: (runs) => unstageInputs(staging, runs),
  });
  const ids = records.map((record) => record.id);
  if (options.wait) return workOnRuns(context, workplace, records, options);

  const log = await startRuns(context, workplace, ids);
  if (options.json) {
    const rows = records.map(({ id, arm }) => ({ id, arm, state: 'queued', checkpoint: null }));
    printJson(output, { runs: rows });
  } else {
    for (const record of records) output.print(`${record.id}  ${record.arm}`);
    output.tell(`Working in the background; it writes to ${log}`);
    output.tell(`Follow with: stint runs logs -f ${ids[0]}`);
  }
  return 0;
}

/** @throws StintError with one problem for each verdict that refuses; nothing has been started then. */
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
