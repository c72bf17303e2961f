import type { Answer, Question } from '../contract/routes.ts';
import { requireHere } from '../controller/elsewhere.ts';
import { requeueRuns as bringBack } from '../controller/requeue-runs.ts';
import { StintError } from '../errors/stint-error.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest } from '../run/state.ts';
import type { LaunchDesk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/** Brings runs back into the queue; whoever attends the store takes them up. @throws StintError as the controller's `resumeRuns`. */
export async function resumeRuns(
  { workplace, caller, site }: LaunchDesk,
  { runs, gpuHours, amount }: Question<'resumeRuns'>,
): Promise<Answer<'resumeRuns'>> {
  const records = await findRuns(workplace.store, runs, caller);
  for (const record of records) requireHere(workplace, record, `stint runs resume ${record.id}`);
  for (const record of records) await requireAtRest(workplace.store, record);
  for (const { profile } of records) await site.requireReady(profile);
  const raise = { ...(gpuHours !== undefined && { gpuHours }), ...(amount !== undefined && { amount }) };
  const resumed = await bringBack(workplace, records, raise);
  if (resumed.length === 0) throw nothingToResume(records);
  return { runs: resumed.map(({ id, arm }) => ({ id, arm })) };
}

async function requireAtRest(store: LaunchDesk['workplace']['store'], { id }: RunRecord): Promise<void> {
  const [{ run }, lease] = await Promise.all([store.runs.state(id), store.leases.find(id)]);
  if (lease === null || isAtRest(run.state)) return;
  throw new StintError({
    code: 'run-is-held',
    where: id,
    what: `another stint process (pid ${lease.pid}) works on ${id} already`,
    todo: `follow it with \`stint runs logs -f ${id}\`, or end it with \`stint runs cancel ${id}\``,
  });
}

export const nothingToResume = (named: readonly Pick<RunRecord, 'id'>[]): StintError =>
  new StintError({
    code: 'nothing-to-resume',
    where: named.map((record) => record.id).join(', '),
    what: named.length === 1 ? 'this run has succeeded' : 'all of these runs have succeeded',
    todo: 'compare their results with `stint compare`, or launch the recipe again',
  });
