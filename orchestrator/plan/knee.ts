/** A bend that is flatter than this, of at most 1, is none: of a straight line it is 0. */
const FLATTEST = 0.1;
/** Values that span more than this stand apart by their ratios, as lengths that double do. */
const WIDE = 8;

/**
 * Where a falling curve bends the most: beyond it, more of x saves little. Of the points, scaled to a unit square, the one
 * farthest below the line from the first to the last (Satopää et al. 2011, "Finding a 'Kneedle' in a Haystack",
 * section III, for a decreasing convex curve).
 *
 * @param points - In any order; `loss` falls as `x` rises.
 * @returns Its place in `points`; null where the curve has no bend, or fewer than three points.
 */
export function kneeOf(points: readonly { readonly x: number; readonly loss: number }[]): number | null {
  const xs = points.map(({ x }) => x);
  const isWide = Math.min(...xs) > 0 && Math.max(...xs) / Math.min(...xs) > WIDE;
  const across = shares(isWide ? xs.map(Math.log) : xs);
  const down = shares(points.map(({ loss }) => loss));
  if (points.length < 3 || across === null || down === null) return null;
  const bends = points.map((_, index) => 1 - (across[index] ?? 0) - (down[index] ?? 0));
  const deepest = Math.max(...bends);
  return deepest < FLATTEST ? null : bends.indexOf(deepest);
}

/** Each value's place between the least and the greatest; null where all are alike. */
function shares(values: readonly number[]): readonly number[] | null {
  const low = Math.min(...values);
  const width = Math.max(...values) - low;
  return width > 0 ? values.map((value) => (value - low) / width) : null;
}
