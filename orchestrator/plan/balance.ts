import { type Load, loadOf } from './flops.ts';
import { seededRandom, shuffled } from './random.ts';
import { split } from './split.ts';

/** What each group of ranks is given in one optimizer step. */
export type StepLoads = readonly Load[];

/** Enough steps for a mean within a fraction of a per cent, few enough for an answer at once. */
const MOST_SIMULATED_STEPS = 400;

export interface Schedule {
  readonly lengths: readonly number[];
  readonly batch: number;
  readonly epochs: number;
  readonly groups: number;
  readonly seed: number;
  /** Cost of one sample; only proportions matter. */
  readonly cost: (length: number) => number;
}

/**
 * The loads of the first steps of a run: each epoch in a shuffled order, its last batch filled up from the order's
 * start, each batch shared out over the groups. The order is not the trainer's own (which is torch's), only as random.
 */
export function simulateSteps(schedule: Schedule): StepLoads[] {
  const { lengths, batch, epochs, groups, seed, cost } = schedule;
  const perEpoch = Math.ceil(lengths.length / batch);
  const steps: StepLoads[] = [];
  for (let epoch = 0; epoch < epochs && steps.length < MOST_SIMULATED_STEPS; epoch += 1) {
    const order = shuffled(lengths, seededRandom(seed + epoch));
    for (let step = 0; step < perEpoch && steps.length < MOST_SIMULATED_STEPS; step += 1) {
      const samples = Array.from(
        { length: batch },
        (_, index) => order[(step * batch + index) % order.length] ?? 0,
      );
      steps.push(shareOut(samples, groups, cost).map(loadOf));
    }
  }
  return steps;
}

/** The lengths of the samples in each group, as evenly shared by cost as can be. */
export function shareOut(
  lengths: readonly number[],
  groups: number,
  cost: (length: number) => number,
): number[][] {
  return split(lengths.map(cost), groups).map((places) => places.map((place) => lengths[place] ?? 0));
}

/** Share of device time in which ranks wait for the slowest group: 1 - mean / max of the groups' costs, over all steps. */
export function idleShare(steps: readonly StepLoads[], cost: (load: Load) => number): number {
  let mean = 0;
  let max = 0;
  for (const step of steps) {
    const costs = step.map(cost);
    mean += costs.reduce((sum, each) => sum + each, 0) / costs.length;
    max += Math.max(...costs);
  }
  return max === 0 ? 0 : Math.max(0, 1 - mean / max);
}
