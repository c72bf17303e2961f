/** One evaluation of a method: where it ended up thinking, and how well it did. */
export interface ScalingPoint {
  readonly meanThinkingTokens: number;
  /** Share of questions answered right. */
  readonly accuracy: number;
}

/**
 * s1, section 3.2, equation 2: the mean slope over all pairs of evaluations, in percentage points per
 * doubling of thinking tokens. The paper's formula does not print the log2; its Table 3 comes out only with
 * it. Pairs of equal thinking have no slope and are left out, as are evaluations without any thinking. Null
 * when no pair is left.
 */
export function scaling(points: readonly ScalingPoint[]): number | null {
  const thinking = points.filter((point) => point.meanThinkingTokens > 0);
  const slopes = thinking.flatMap((from, index) =>
    thinking.slice(index + 1).flatMap((to) => {
      const doublings = Math.log2(to.meanThinkingTokens) - Math.log2(from.meanThinkingTokens);
      return doublings === 0 ? [] : [(100 * (to.accuracy - from.accuracy)) / doublings];
    }),
  );
  return slopes.length === 0 ? null : slopes.reduce((total, slope) => total + slope, 0) / slopes.length;
}

/** s1, section 3.2: the best accuracy of any evaluation. */
export function performance(points: readonly ScalingPoint[]): number | null {
  return points.length === 0 ? null : Math.max(...points.map((point) => point.accuracy));
}
