import { controlResumed } from '../../../controller/control-resumed.ts';
import { requireHere } from '../../../controller/elsewhere.ts';
import { type BudgetRaise, requeueRuns } from '../../../controller/requeue-runs.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { findRuns } from '../../../operations/find-runs.ts';
import { nothingToResume } from '../../../operations/resume-runs.ts';
import { GpuHours } from '../../../units/gpu-hours-limit.ts';
import { MoneyAmount } from '../../../units/money.ts';
import type { CliContext } from '../../context.ts';
import { followAtServer } from '../../follow-at-server.ts';
import { printJson } from '../../output.ts';
import { requireFree, startRuns } from '../../start-runs.ts';
import { workOnRuns } from '../../work-on-runs.ts';

export interface ResumeOptions {
  readonly wait?: boolean;
  /** The run's own budget from here on; as typed. */
  readonly budgetGpuHours?: string;
  readonly budgetCost?: string;
  readonly json?: boolean;
}

/** `stint runs resume RUN…`: goes on where the runs stopped, from their newest checkpoints; with a larger budget where one is given. */
export async function resume(
  references: readonly string[],
  options: ResumeOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  if (context.server !== null) return resumeAtServer(references, options, context);
  const workplace = await context.openWorkplace('act');
  const named = await findRuns(workplace.store, references);
  for (const record of named) requireHere(workplace, record, `stint runs resume ${record.id}`);
  await requireFree(workplace, named);
  for (const record of named) await context.requireReady(record.profile);
  const resumable = await requeueRuns(workplace, named, raiseOf(options));
  if (resumable.length === 0) throw nothingToResume(named);
  if (options.wait) return workOnRuns(context, workplace, resumable, { ...options, control: controlResumed });
  const ids = resumable.map((record) => record.id);
  const log = await startRuns(context, workplace, ids);
  if (options.json) printJson(output, { runs: ids.map((id) => ({ id, state: 'queued' })) });
  else
    output.tell(`Working in the background; it writes to ${log}\nFollow with: stint runs logs -f ${ids[0]}`);
  return 0;
}

async function resumeAtServer(
  references: readonly string[],
  options: ResumeOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const server = await context.openServer();
  const { runs } = await server.stint.resumeRuns({ runs: [...references], ...raiseOf(options) });
  if (options.wait) return followAtServer(context, server, runs, options);
  if (options.json) printJson(output, { runs: runs.map(({ id }) => ({ id, state: 'queued' })) });
  else
    output.tell(
      `The server works on ${runs.length === 1 ? 'it' : 'them'}: ${context.server}\nFollow with: stint runs logs -f ${runs[0]?.id}`,
    );
  return 0;
}

function raiseOf({ budgetGpuHours, budgetCost }: ResumeOptions): BudgetRaise {
  return {
    ...(budgetGpuHours !== undefined && { gpuHours: figure('--budget-gpu-hours', budgetGpuHours, GpuHours) }),
    ...(budgetCost !== undefined && { amount: figure('--budget-cost', budgetCost, MoneyAmount) }),
  };
}

function figure(option: string, text: string, schema: typeof MoneyAmount): number {
  const { data, error } = schema.safeParse(text.trim());
  if (data !== undefined) return data;
  throw new StintError({
    code: 'bad-option',
    where: option,
    what: `${option} is "${text}"`,
    why: error?.issues[0]?.message ?? '',
    todo: 'give the whole budget of the run, what it has used already included',
  });
}
