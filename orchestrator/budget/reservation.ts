import type { Price } from '../ledger/price.ts';
import { STARTUP_BOUNDS } from '../plan/efficiency.ts';
import type { Plan } from '../plan/plan.ts';
import { trainingHours } from '../plan/stages.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import { type Limits, limitsOf, timeWithin } from './limit.ts';

type Ceiling = Pick<Plan, 'gpuHours' | 'duration' | 'steps' | 'stages'>;

/**
 * The most that a run may hold in all, for its plan's upper bound; GPU-milliseconds. Its own budget ends it
 * before it holds more than that.
 *
 * @param held - What it has held already, GPU-milliseconds.
 * @param steps - Optimizer steps that need not be taken again.
 */
export function ceilingOf(
  plan: Ceiling,
  own: Limits | undefined,
  price: Price | null,
  { held, steps }: { readonly held: number; readonly steps: number } = { held: 0, steps: 0 },
): number {
  const within = limitsOf(own ?? {}).map((limit) => timeWithin(limit, price) ?? Number.POSITIVE_INFINITY);
  return Math.min(held + gpuMillisecondsOf(hoursLeft(plan, steps)), ...within);
}

/** The plan's upper bound of what is left: start-up, loading and the last checkpoint again, training by the steps that are to be taken, and the evaluation. */
function hoursLeft(plan: Ceiling, steps: number): number {
  const training = trainingHours(plan).high;
  return training * shareLeft(plan, steps) + Math.max(0, plan.gpuHours.high - training);
}

/** Of plans that had no parts yet. */
const highOfSteps = ({ highSeconds, startupSeconds }: Plan['duration']): number =>
  highSeconds - STARTUP_BOUNDS.high * startupSeconds;

/** Share of training's upper bound that is left. */
function shareLeft({ duration, steps: all }: Ceiling, steps: number): number {
  if (steps === 0 || all === 0) return 1;
  const training = duration.partBounds?.steps.high ?? highOfSteps(duration);
  const others = duration.highSeconds - training;
  return (others + training * Math.max(0, 1 - steps / all)) / duration.highSeconds;
}
