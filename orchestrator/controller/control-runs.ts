import { isStintError, StintError } from '../errors/stint-error.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Run } from '../run/state.ts';
import { attendRun } from './attend-run.ts';
import type { ControlOptions } from './control-options.ts';
import { holdLease } from './hold-lease.ts';
import { Turns } from './turns.ts';
import type { Workplace } from './workplace.ts';

/**
 * Works on several runs: side by side where their cluster queues, one after another where they would share its devices. All of
 * them are held from the start, so that no other process takes one that waits for its turn for abandoned. A run that this
 * process has to give up ends none of the others.
 *
 * @throws StintError with what has ended each of those that were given up, when all others are at rest; a defect, where one was
 *   among it.
 */
export async function controlRuns(
  workplace: Workplace,
  records: readonly RunRecord[],
  options: ControlOptions,
): Promise<readonly Run[]> {
  const leases = [];
  const turns = new Turns();
  const control = async (record: RunRecord): Promise<Run> =>
    turns.take(await workplace.clusterFor(record.profile), () => attendRun(workplace, record, options));
  try {
    for (const record of records) leases.push(await holdLease(workplace, record.id));
    let working = records.length;
    const outcomes = await Promise.allSettled(
      records.map((record) =>
        control(record)
          .catch((error: unknown) => {
            if (working > 1) options.onProgress(givenUpAlone(record.id, error));
            throw error;
          })
          .finally(() => {
            working -= 1;
          }),
      ),
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (failures.length > 0) throw together(failures);
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  } finally {
    await Promise.all(leases.map((lease) => lease.release()));
  }
}

/** Others may go on for days, and whoever can fix it is to know now. */
const givenUpAlone = (run: string, error: unknown) => {
  const what = error instanceof Error ? error.message : String(error);
  return { kind: 'warning', run, message: `${run} is given up here, and the others go on: ${what}` } as const;
};

function together(failures: readonly unknown[]): unknown {
  const defect = failures.find((error) => !isStintError(error));
  if (defect !== undefined || failures.length === 1) return defect ?? failures[0];
  return new StintError(failures.filter(isStintError).flatMap(({ problems }) => problems));
}
