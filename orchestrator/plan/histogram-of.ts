import type { LengthHistogram } from '../recipe/dataset.ts';
import { summariseLengths } from './length-summary.ts';

/** Fine enough that a plan from the bins differs little from one of the samples. */
const BINS = 40;

/**
 * Lengths as a recipe carries them. The outer bins end where the shortest and the longest sample do, so that nothing seems
 * longer than it is; empty ones are left out.
 */
export function histogramOf(
  lengths: readonly number[],
  source: string,
  tokenizer: string | null,
): LengthHistogram | null {
  const summary = summariseLengths(lengths, BINS);
  if (summary === null) return null;
  const { bins, min, max } = summary;
  return {
    of: 'sample',
    otherTokens: 0,
    ...(tokenizer !== null && { tokenizer }),
    source,
    // Lengths are whole, so a bin reaches from its first to its last: its middle is then their mean.
    bins: bins
      .map(({ from, to, count }) => ({ from: Math.max(from, min), to: Math.min(to - 1, max), count }))
      .filter(({ count }) => count > 0),
  };
}
