import type { Stage } from '../wire/job-spec.ts';
import { isPaidFor } from '../wire/stage-traits.ts';
import type { BudgetReached } from './budget-standing.ts';
import type { RunEvent } from './event.ts';
import type { Run, RunState } from './state.ts';
import type { View } from './view.ts';

/** The next stage of the run, its end, or its giving up where that was asked for. */
export function proceed(run: Run, view: View, attempt: number): readonly RunEvent[] {
  // Not one before it: runs that began before their kind had that stage have done without.
  const next = view.stages[view.stages.findLastIndex((stage) => run.done.includes(stage)) + 1];
  if (next === undefined) return [{ type: 'succeeded' }];
  if (view.cancel || view.interrupt) return giveUp(view, run.state);
  const spent = barredBy(view, next);
  return [spent ? notStarted(next, spent) : { type: 'stage-launched', stage: next, attempt }];
}

/**
 * The budget for which a stage may not start, because it holds devices or prepares for what does. What was trained is paid
 * for and its export holds none: that goes on, or the money was for nothing.
 */
export const barredBy = ({ budget }: Pick<View, 'budget'>, stage: Stage): BudgetReached | null =>
  isPaidFor(stage) ? null : (budget?.reached ?? null);

export const notStarted = (stage: Stage, { what, todo }: BudgetReached): RunEvent & { type: 'failed' } => ({
  type: 'failed',
  stage,
  failure: 'budget',
  exitClass: 'interrupted',
  message: `${what}; ${stage} was not started; ${todo}`,
});

export function giveUp(view: Pick<View, 'cancel'>, was: RunState): readonly RunEvent[] {
  if (view.cancel || (was.kind === 'stopping' && was.why === 'cancel'))
    return [{ type: 'stopped', message: 'cancelled by a person' }];
  const message =
    was.kind === 'queued' ? 'its controller ended before it began' : 'its controller ended while it ran';
  return [{ type: 'interrupted', message }];
}
