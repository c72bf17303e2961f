import { exactMcNemar } from './exact-mcnemar.ts';
import { gapsOf, notTold, type PairedDifference } from './paired-difference.ts';
import { NORMAL_QUANTILE } from './wilson-interval.ts';

/** Beyond this the exact test calls a split of gained and lost questions chance. */
const CHANCE = 0.05;

/**
 * The difference of two shares of right answers to the same questions. Its interval is the one of Bonett and Price (2012):
 * Wald's, after one more question gained and one more lost, which keeps a width when nothing differs and covers the truth
 * as often as it says from 30 questions on. Where McNemar's exact test cannot tell a difference, the interval holds 0: four
 * questions gained and none lost may be chance.
 *
 * @param reference - 1 right, 0 wrong, by question; @param other - the same questions.
 * @throws RangeError unless both have the same length of at least 1.
 */
export function pairedShares(reference: readonly number[], other: readonly number[]): PairedDifference {
  const gaps = gapsOf(reference, other);
  const gained = gaps.filter((gap) => gap > 0).length;
  const lost = gaps.filter((gap) => gap < 0).length;
  return shareDifference(gained, lost, gaps.length);
}

/** The same, from the numbers of questions gained and lost of `n`. */
export function shareDifference(gained: number, lost: number, n: number): PairedDifference {
  const [up, down] = [(gained + 1) / (n + 2), (lost + 1) / (n + 2)];
  const centre = up - down;
  const reach = NORMAL_QUANTILE * Math.sqrt((up + down - centre ** 2) / (n + 2));
  const difference = {
    // Adding 0 turns -0 into 0, which would print as "-0.00".
    difference: (gained - lost) / n + 0,
    low: Math.max(-1, centre - reach),
    high: Math.min(1, centre + reach),
    n,
  };
  return exactMcNemar(gained, lost) < CHANCE ? difference : notTold(difference);
}
