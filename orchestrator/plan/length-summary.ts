export interface LengthBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What there is to say of many lengths, in tokens. */
export interface LengthSummary {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  /** One behind the other, none of them empty at either end; a length stands in the bin with from ≤ length < to. */
  readonly bins: LengthBin[];
}

/** What people count in: 1, 2 or 5 times a power of ten. */
function niceWidth(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return Math.max(
    1,
    ...[1, 2, 5, 10]
      .map((factor) => factor * power)
      .filter((width) => width >= least)
      .slice(0, 1),
  );
}

/**
 * Bins of equal width that begin at multiples of it, at most so many; null where there is no length.
 *
 * @param lengths - Whole numbers, in any order.
 */
export function summariseLengths(lengths: readonly number[], mostBins: number): LengthSummary | null {
  const sorted = Float64Array.from(lengths).toSorted();
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return null;
  // The first bin may begin before the shortest, so there is one less to share out.
  const width = niceWidth((max - min + 1) / Math.max(1, mostBins - 1));
  const first = Math.floor(min / width);
  const counts = Array.from({ length: Math.floor(max / width) - first + 1 }, () => 0);
  for (const length of sorted) {
    const bin = Math.floor(length / width) - first;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    min,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max,
    bins: counts.map((count, index) => ({
      from: (first + index) * width,
      to: (first + index + 1) * width,
      count,
    })),
  };
}

/** The smallest length that at least that share of all does not exceed: one that a sample really has. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
