import type { Run } from '../run/state.ts';
import type { RunRecord } from '../store/port.ts';
import type { ControlOptions } from './control-options.ts';
import { controlRun } from './control-run.ts';
import { holdLease } from './hold-lease.ts';
import type { Workplace } from './workplace.ts';

/**
 * Works on several runs, one after another because they share the devices, and holds all of them from the start, so
 * that no other process takes one that waits for its turn for abandoned.
 */
export async function controlRuns(
  workplace: Workplace,
  records: readonly RunRecord[],
  options: ControlOptions,
): Promise<readonly Run[]> {
  const leases = [];
  const runs: Run[] = [];
  try {
    for (const record of records) leases.push(await holdLease(workplace, record.id));
    for (const record of records) runs.push(await controlRun(workplace, record, options));
    return runs;
  } finally {
    await Promise.all(leases.map((lease) => lease.release()));
  }
}
