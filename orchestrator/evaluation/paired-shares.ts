import { exactMcNemar } from './exact-mcnemar.ts';
import { gapSpread } from './gap-spread.ts';
import { mean } from './mean.ts';
import { gapsOf, notTold, type PairedDifference } from './paired-difference.ts';
import { NORMAL_QUANTILE, studentQuantile } from './student-t.ts';

/** Beyond this the exact test calls a split of gained and lost questions chance. */
const CHANCE = 0.05;

/**
 * The difference of two shares of right answers to the same questions, each answered once or more often.
 *
 * Answered once, its interval is the one of Bonett and Price (2012):
 * Wald's, after one more question gained and one more lost, which keeps a width when nothing differs and covers the truth
 * as often as it says from 30 questions on. Where McNemar's exact test cannot tell a difference, the interval holds 0: four
 * questions gained and none lost may be chance. Answered more often, see `clusteredDifference`.
 *
 * @param reference - The share of right answers, by question; @param other - of the same questions.
 * @param samples - Answers to each question.
 * @throws RangeError unless both have the same length of at least 1.
 */
export function pairedShares(
  reference: readonly number[],
  other: readonly number[],
  samples = 1,
): PairedDifference {
  const gaps = gapsOf(reference, other);
  if (samples > 1) return clusteredDifference(gaps, samples);
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

/**
 * Questions are what is drawn, and answers to one resemble each other: the interval is Student's over the gaps of the
 * questions, after one more question gained and one more lost by as much as the widest gap. Where a few questions carry the
 * spread, as where most are always right or always wrong, those few are its degrees of freedom.
 */
function clusteredDifference(gaps: readonly number[], samples: number): PairedDifference {
  const { centre, standardError, degrees } = gapSpread(gaps, samples);
  const reach = studentQuantile(degrees) * standardError;
  const difference = mean(gaps) + 0;
  return {
    difference,
    low: Math.max(-1, Math.min(difference, centre - reach)),
    high: Math.min(1, Math.max(difference, centre + reach)),
    n: gaps.length,
  };
}
