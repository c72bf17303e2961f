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
  const pairs = pairsOf(points);
  return pairs.length === 0 ? null : pairs.reduce((total, { slope }) => total + slope, 0) / pairs.length;
}

interface Pair<P> {
  /** The one of less thinking. */
  readonly from: P;
  readonly to: P;
  readonly doublings: number;
  /** Percentage points per doubling. */
  readonly slope: number;
}

function pairsOf<P extends ScalingPoint>(points: readonly P[]): readonly Pair<P>[] {
  const thinking = points.filter((point) => point.meanThinkingTokens > 0);
  return thinking.flatMap((one, index) =>
    thinking.slice(index + 1).flatMap((other): readonly Pair<P>[] => {
      const isShorter = one.meanThinkingTokens < other.meanThinkingTokens;
      const [from, to] = isShorter ? [one, other] : [other, one];
      const doublings = Math.log2(to.meanThinkingTokens) - Math.log2(from.meanThinkingTokens);
      if (doublings === 0) return [];
      return [{ from, to, doublings, slope: (100 * (to.accuracy - from.accuracy)) / doublings }];
    }),
  );
}

/** Of lengths that differ by less than this share a slope says little: the difference of two accuracies is divided by next to nothing. */
export const NEAR_SHARE = 0.05;

export const nearPairs = <P extends ScalingPoint>(points: readonly P[]): readonly Pair<P>[] =>
  pairsOf(points).filter(({ doublings }) => doublings < Math.log2(1 + NEAR_SHARE));

/** s1, section 3.2: the best accuracy of any evaluation. */
export function performance(points: readonly ScalingPoint[]): number | null {
  return points.length === 0 ? null : Math.max(...points.map((point) => point.accuracy));
}
