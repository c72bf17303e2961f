import { z } from 'zod';
import type { FineTune } from '../recipe/fine-tune.ts';
import { STEP_TIME_BOUNDS } from './efficiency.ts';

/** What a plan's device time rests on besides the time model: what this site's own finished runs have taken. */
export const CalibrationSchema = z.object({
  /** Which runs: of the same model on the same devices and network; else of other models there; else none. */
  basis: z.enum(['model-and-cluster', 'cluster', 'none']),
  runs: z.int().nonnegative(),
  /** What runs have held for what the time model expected of them: the geometric mean, drawn to 1 while they are few. */
  bias: z.number().positive(),
  /** The time model's own bounds, as powers: below 1 they are narrower, since the runs agree. */
  spread: z.number().positive(),
});
export type Calibration = z.infer<typeof CalibrationSchema>;

export const UNCALIBRATED: Calibration = { basis: 'none', runs: 0, bias: 1, spread: 1 };

/** What is known of runs like a recipe's on the cluster that it is planned for. */
export type CalibrationOf = (recipe: FineTune) => Calibration;

/** A run that has finished, and was not disturbed. */
export interface Measured {
  /** Equal for runs whose steps cost alike: `modelKey`, `placeKey`. */
  readonly model: string;
  readonly place: string;
  /** Device time of training, as the time model expected it and as the ledger has it; GPU-milliseconds. */
  readonly predicted: number;
  readonly actual: number;
}

/** As if the time model had been right of this many runs, and its spread told by as many as the degrees of freedom. */
const PRIOR_RUNS = 1;
const PRIOR_FREEDOM = 4;
/** Of the predictive distribution on either side: the bounds hold 80% of runs. */
const UPPER_QUANTILE_Z = 1.2816;
/** Half the width of the time model's bounds of steps on GPUs, in logarithms. */
const MODEL_HALF_WIDTH = Math.log(STEP_TIME_BOUNDS.gpu.high / STEP_TIME_BOUNDS.gpu.low) / 2;

/**
 * Bias and spread of the next run, from those that have finished. The logarithms of actual / predicted are taken as normal
 * with unknown mean and variance, under a normal-inverse-gamma prior that stands for the time model's own bounds (Gelman
 * et al., Bayesian Data Analysis, section 3.3); the next run's has Student's t distribution. Without runs that is the
 * time model as it is; with many it is the site's own experience.
 */
export function calibrate(runs: readonly Measured[], model: string, place: string): Calibration {
  const here = runs.filter((run) => run.place === place && run.predicted > 0 && run.actual > 0);
  const same = here.filter((run) => run.model === model);
  const [basis, of] = same.length > 0 ? (['model-and-cluster', same] as const) : (['cluster', here] as const);
  if (of.length === 0) return UNCALIBRATED;
  const { mean, width } = predictive(of.map(({ actual, predicted }) => Math.log(actual / predicted)));
  const spread = width / predictive([]).width;
  // Of other models nobody knows that they err alike.
  return {
    basis,
    runs: of.length,
    bias: Math.exp(mean),
    spread: basis === 'cluster' ? Math.max(1, spread) : spread,
  };
}

/** Mean of the next logarithm, and the half width that holds 80% of it. */
function predictive(logs: readonly number[]): { readonly mean: number; readonly width: number } {
  const count = logs.length;
  const sampleMean = count === 0 ? 0 : logs.reduce((sum, log) => sum + log, 0) / count;
  const squares = logs.reduce((sum, log) => sum + (log - sampleMean) ** 2, 0);
  const weight = PRIOR_RUNS + count;
  const freedom = PRIOR_FREEDOM + count;
  const priorScale = MODEL_HALF_WIDTH / (upperQuantile(PRIOR_FREEDOM) * Math.sqrt(1 + 1 / PRIOR_RUNS));
  const sum = PRIOR_FREEDOM * priorScale ** 2 + squares + ((PRIOR_RUNS * count) / weight) * sampleMean ** 2;
  const scale = Math.sqrt(sum / freedom);
  return {
    mean: (count * sampleMean) / weight,
    width: upperQuantile(freedom) * scale * Math.sqrt(1 + 1 / weight),
  };
}

/**
 * The 90% quantile of Student's t, to four digits from 4 degrees of freedom on (Abramowitz and Stegun, 26.7.5).
 */
export function upperQuantile(freedom: number): number {
  const z1 = UPPER_QUANTILE_Z;
  const [z3, z5, z7] = [z1 ** 3, z1 ** 5, z1 ** 7];
  return (
    z1 +
    (z3 + z1) / (4 * freedom) +
    (5 * z5 + 16 * z3 + 3 * z1) / (96 * freedom ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z1) / (384 * freedom ** 3)
  );
}
