import type { Plan } from '../plan/plan.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import type { Observation } from '../run/job-facts.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import { podStatements } from './held-by-phase.ts';
import { type Sight, watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** Without a budget of its own, failures may cost as much again as the plan's upper estimate. */
const OF_THE_PLAN = 2;

/**
 * Device time beyond which no attempt starts without a person asking; GPU-milliseconds.
 *
 * @param plan - As it was judged last: a launch without its data can only guess.
 */
export function mayHold({ gpuHours }: Pick<Plan, 'gpuHours'>, own: RunBudget | undefined): number {
  return gpuMillisecondsOf(own?.gpuHours ?? OF_THE_PLAN * gpuHours.high);
}

/** Device time that the run has held, as far as is known; GPU-milliseconds. */
export async function heldSoFar(
  workplace: Pick<Workplace, 'store'>,
  sight: Sight,
  run: string,
): Promise<number> {
  const pods = await podStatements(workplace, sight, [run]);
  return pods.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
}

/**
 * The same of a run without a live pod: it changes only with what is seen, so the
 * ledger is read once for each of that, not at every turn of the loop.
 */
export function heldAsSeen(
  workplace: Pick<Workplace, 'store' | 'now'>,
  run: string,
): (seen: Observation | null) => Promise<number> {
  let last: { readonly seen: Observation | null; readonly held: number } | undefined;
  return async (seen) => {
    if (last === undefined || last.seen !== seen) {
      last = { seen, held: await heldSoFar(workplace, watching(workplace.now()), run) };
    }
    return last.held;
  };
}
