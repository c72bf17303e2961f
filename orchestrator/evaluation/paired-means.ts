import { mean } from './mean.ts';
import { gapsOf, notTold, type PairedDifference } from './paired-difference.ts';
import { studentQuantile } from './student-t.ts';

/** Of five pairs that differ, all in one direction, one such split in sixteen is chance; of six, one in thirty-two. */
const LEAST_DIFFERING = 6;

/**
 * The mean difference of two measures of the same questions. Its interval is Student's, with the spread of the gaps and of
 * two more that reach as far as the widest, one up and one down: thinking that a budget cuts is skewed, and 30 questions
 * show too little of the longer side. Where too few questions differ for any exact test, the interval holds 0.
 *
 * @param reference - By question; @param other - the same questions.
 * @param most - The largest difference that there can be; the interval reaches no further.
 * @throws RangeError unless both have the same length of at least 1.
 */
export function pairedMeans(
  reference: readonly number[],
  other: readonly number[],
  most: number,
): PairedDifference {
  const gaps = gapsOf(reference, other);
  const n = gaps.length;
  const centre = mean(gaps);
  const widest = Math.max(...gaps.map(Math.abs));
  const squares = gaps.reduce((sum, gap) => sum + (gap - centre) ** 2, 2 * widest ** 2);
  const reach = studentQuantile(n - 1) * Math.sqrt(squares / (n + 2) / n);
  // All gaps may be 0, and 0 × infinity is no number.
  const within = (bound: number) => (Number.isNaN(bound) ? 0 : Math.min(most, Math.max(-most, bound)) + 0);
  const difference = { difference: centre + 0, low: within(centre - reach), high: within(centre + reach), n };
  const differing = gaps.filter((gap) => gap !== 0).length;
  return differing < LEAST_DIFFERING ? notTold(difference) : difference;
}
