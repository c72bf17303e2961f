import { mean } from './mean.ts';
import { seededRandom } from './random.ts';

/** How far the second of two paired samples lies above the first, with its 95% interval. */
export interface PairedDifference {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Pairs. */
  readonly n: number;
}

export const RESAMPLES = 10_000;
const SEED = 1234;

/**
 * Percentile bootstrap of the mean difference `other - reference` over the same questions: questions are
 * drawn with replacement, both answers together, 10,000 times, as s1 did for its Table 2. Deterministic,
 * and antisymmetric to the bit: swapping the samples negates and swaps the bounds.
 *
 * Throws RangeError unless both samples have the same length of at least 1.
 */
export function pairedBootstrap(reference: readonly number[], other: readonly number[]): PairedDifference {
  const n = reference.length;
  if (n === 0 || other.length !== n) {
    throw new RangeError(`expected two samples of one length, found ${n} and ${other.length}`);
  }
  const gaps = Float64Array.from(reference, (value, index) => (other[index] ?? 0) - value);
  const below = seededRandom(SEED);
  const totals = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let total = 0;
    for (let draw = 0; draw < n; draw++) total += gaps[below(n)] ?? 0;
    totals[resample] = total;
  }
  totals.sort();
  const tail = Math.floor(RESAMPLES * 0.025);
  // Adding 0 turns -0 into 0, which would print as "-0.00".
  return {
    difference: mean([...gaps]) + 0,
    low: (totals[tail] ?? 0) / n + 0,
    high: (totals[RESAMPLES - 1 - tail] ?? 0) / n + 0,
    n,
  };
}

/** The 95% interval leaves 0 out, so the sign of the difference can be told. */
export function canBeTold(difference: Pick<PairedDifference, 'low' | 'high'>): boolean {
  return difference.low > 0 || difference.high < 0;
}
