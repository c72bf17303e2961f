import { requireHere } from '../../../controller/elsewhere.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { foldRun } from '../../../run/evolve.ts';
import { isAtRest } from '../../../run/state.ts';
import type { RunRecord } from '../../../store/port.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { findRuns } from '../../run-reference.ts';
import { workOnRuns } from '../../work-on-runs.ts';

export interface ResumeOptions {
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `stint runs resume RUN…`: goes on where the runs stopped, from their newest checkpoints. */
export async function resume(
  references: readonly string[],
  options: ResumeOptions,
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output } = context;
  const named = await findRuns(workplace.store, references);
  for (const record of named) requireHere(workplace, record, `stint runs resume ${record.id}`);
  for (const record of named) await context.requireReady(record.profile);
  const resumable: RunRecord[] = [];
  for (const record of named) if (await makeReady(workplace, record)) resumable.push(record);
  if (resumable.length === 0) throw nothingToResume(named);
  if (options.wait) return workOnRuns(context, workplace, resumable, options);
  const ids = resumable.map((record) => record.id);
  const log = await context.startInBackground(['runs', 'resume', ...ids, '--wait']);
  if (options.json) printJson(output, { runs: ids.map((id) => ({ id, state: 'queued' })) });
  else
    output.tell(`Working in the background; it writes to ${log}\nFollow with: stint runs logs -f ${ids[0]}`);
  return 0;
}

/** Brings a run at rest back into the queue; false for one that has succeeded. */
async function makeReady({ store, now }: Workplace, record: RunRecord): Promise<boolean> {
  const events = await store.runs.events(record.id);
  const { state, released } = foldRun(events);
  // What its cluster still keeps of it has to be settled.
  if (state.kind === 'succeeded') return record.profile.backend.kind === 'kubernetes' && !released;
  if (!isAtRest(state)) return true;
  await store.requests.withdraw(record.id, 'cancel');
  await store.runs.append(record.id, events.length, now(), [{ type: 'resumed' }]);
  return true;
}

const nothingToResume = (named: readonly RunRecord[]) =>
  new StintError({
    code: 'nothing-to-resume',
    blame: 'input',
    where: named.map((record) => record.id).join(', '),
    what: named.length === 1 ? 'this run has succeeded' : 'all of these runs have succeeded',
    todo: 'compare their results with `stint compare`, or launch the recipe again',
  });
