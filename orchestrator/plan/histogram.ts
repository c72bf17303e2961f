import type { LengthHistogram } from '../recipe/dataset.ts';

/**
 * One length a counted sample, spread evenly over its bin: sample i of n lies at the middle of the i-th of n equal
 * parts, so counts, bounds and each bin's mean are kept. With `of: trace` the other tokens are added to each.
 */
export function expandHistogram(histogram: LengthHistogram): number[] {
  const other = otherTokens(histogram);
  return traceLengths(histogram).map((length) => Math.max(1, Math.round(length + other)));
}

/** Share of samples whose reasoning trace alone is longer than `limit`; null where the bins count whole samples. */
export function shareOfTracesOver(histogram: LengthHistogram, limit: number): number | null {
  if (histogram.of !== 'trace') return null;
  const traces = traceLengths(histogram);
  return traces.length === 0 ? 0 : traces.filter((length) => length > limit).length / traces.length;
}

function traceLengths({ bins }: LengthHistogram): number[] {
  return bins.flatMap(({ from, to, count }) =>
    Array.from({ length: count }, (_, index) => from + ((index + 0.5) / count) * (to - from)),
  );
}

function otherTokens(histogram: LengthHistogram): number {
  return histogram.of === 'trace' ? histogram.otherTokens : 0;
}
