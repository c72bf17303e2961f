import { isStintError } from '../errors/stint-error.ts';
import { attendRun } from './attend-run.ts';
import type { ControlOptions } from './control-options.ts';
import { holdLease } from './hold-lease.ts';
import { pauseAfter, troubleKind } from './retry-policy.ts';
import type { Turns } from './turns.ts';
import type { Workplace } from './workplace.ts';

/** What is tried for days is tried no more often than a person looks. */
const LONGEST_PAUSE_MILLISECONDS = 300_000;

export interface Supervised {
  readonly run: string;
  /** Who held it, and is known to be gone. */
  readonly gone: string | undefined;
  readonly turns: Turns;
  /** Called when it stands in its place among the runs that take turns, or had to be left before. */
  readonly onPlaced: () => void;
}

/**
 * Works on a run until nothing is left to do, whatever happens meanwhile: what ends the work, a fault of our own included, is told
 * once for each cause, and the run is taken up again after a pause. While it waits for its turn it is held, so that nobody takes it
 * for abandoned; in a pause it is not, because another process may be able to do what this one cannot.
 *
 * @returns when the run is done with, another process has it, or `options.interrupt` is aborted and it was left.
 */
export async function superviseRun(
  workplace: Workplace,
  supervised: Supervised,
  options: ControlOptions,
): Promise<void> {
  const { run, onPlaced } = supervised;
  let told = '';
  for (let failures = 1; !options.interrupt.aborted; failures += 1) {
    try {
      await attend(workplace, supervised, options);
      return;
    } catch (error) {
      if (isOthers(error)) return;
      onPlaced();
      workplace.log.warn({ run, error, failures }, 'a run was left for a while');
      const what = error instanceof Error ? error.message : String(error);
      const message = `${run} is left for a while, and then taken up again: ${what}`;
      if (what !== told) options.onProgress({ kind: 'warning', run, message });
      told = what;
      const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, pauseAfter(troubleKind(error), failures));
      await workplace.sleep(pause, options.interrupt);
    }
  }
}

const isOthers = (error: unknown): boolean =>
  isStintError(error) && (error.code === 'run-is-held' || error.code === 'lease-lost');

async function attend(
  workplace: Workplace,
  { run, gone, turns, onPlaced }: Supervised,
  options: ControlOptions,
): Promise<void> {
  const record = await workplace.store.runs.find(run);
  if (record === null) return;
  const lease = await holdLease(workplace, run, gone);
  try {
    const turn = turns.take(await workplace.clusterFor(record.profile), async () => {
      // One whose turn has not come when this process goes away stays as it is: the next process begins with it.
      if (!options.interrupt.aborted) await attendRun(workplace, record, options);
    });
    onPlaced();
    await turn;
  } finally {
    await lease.release();
  }
}
