import { pricedProfile } from '../../operations/priced-profile.ts';
import { admitPlanned } from '../admit-planned.ts';
import type { CliContext } from '../context.ts';
import { launchAtServer } from '../launch-at-server.ts';
import type { RecipeOptions } from '../load-to-plan.ts';
import { printJson } from '../output.ts';
import { planRunsOfFile } from '../plan-runs.ts';
import { startRuns } from '../start-runs.ts';
import type { EvaluatedOptions } from '../who-answers.ts';
import { workOnRuns } from '../work-on-runs.ts';

export interface LaunchOptions extends RecipeOptions, EvaluatedOptions {
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
  if (context.server !== null) return launchAtServer(recipeFile, options, context);
  const { output } = context;
  const profile = await pricedProfile(options.cluster, context.home, Date.now());
  const planned = await planRunsOfFile(recipeFile, options, profile, context);
  const { workplace, records } = await admitPlanned(planned, profile, context, options);
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
