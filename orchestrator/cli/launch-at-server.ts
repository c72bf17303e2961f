import { stat } from 'node:fs/promises';
import type { Answer } from '../contract/routes.ts';
import { requireLaunchable } from '../operations/plan-recipe.ts';
import { formatBytes } from '../units/format.ts';
import type { CliContext, ServerAccess } from './context.ts';
import { followAtServer } from './follow-at-server.ts';
import { printJson } from './output.ts';
import { type PlannedThere, planAtServer } from './plan-at-server.ts';
import { planSummary } from './plan-summary.ts';
import type { SubmittedOptions } from './submission-here.ts';

export interface LaunchThereOptions extends SubmittedOptions {
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** Plans a recipe of this machine at a server, and if the plan allows it, has the server run it. */
export async function launchAtServer(
  file: string,
  options: LaunchThereOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const server = await context.openServer();
  const runs = await admitAtServer(server, file, options, context);
  if (options.wait) return followAtServer(context, server, runs, options);
  if (options.json) {
    printJson(output, { runs: runs.map(({ id, arm }) => ({ id, arm, state: 'queued', checkpoint: null })) });
    return 0;
  }
  for (const { id, arm } of runs) output.print(`${id}  ${arm}`);
  output.tell(`The server works on ${runs.length === 1 ? 'it' : 'them'}: ${context.server}`);
  output.tell(`Follow with: stint runs logs -f ${runs[0]?.id}`);
  return 0;
}

/** Plans a recipe at a server, and if the plan allows it, has the server record its runs. @throws StintError as both do. */
export async function admitAtServer(
  server: ServerAccess,
  file: string,
  options: SubmittedOptions & { readonly json?: boolean },
  context: CliContext,
): Promise<Answer<'createRuns'>['runs']> {
  const planned = await planAtServer(server, file, options, context);
  const { whole, plans, submission } = planned;
  requireLaunchable(whole);
  if (!options.json) context.output.tell(planSummary(whole, plans));
  await sendFiles(server, planned, context);
  return (await server.stint.createRuns(submission)).runs;
}

/** Less takes no longer than a second. */
const WORTH_TELLING_BYTES = 1e8;

/** What the server has already is not sent again. */
async function sendFiles(
  { stint, sendFile }: ServerAccess,
  { files }: PlannedThere,
  { output }: CliContext,
): Promise<void> {
  const byContent = new Map(files.map((file) => [file.sha256, file]));
  if (byContent.size === 0) return;
  const { missing } = await stint.findMissingFiles({ files: [...byContent.keys()] });
  const toSend = missing.flatMap((content) => byContent.get(content) ?? []);
  const sizes = await Promise.all(toSend.map(async ({ path }) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes >= WORTH_TELLING_BYTES)
    output.tell(`Sending ${formatBytes(bytes)} of model and data to the server, once.`);
  for (const file of toSend) await sendFile(file);
}
