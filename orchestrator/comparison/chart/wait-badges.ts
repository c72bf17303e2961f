import type { EvaluationRow } from '../comparison.ts';
import { type PanelSize, placeBadges } from './place-badges.ts';

type Point = Pick<EvaluationRow, 'control' | 'meanThinkingTokens' | 'accuracy'>;

/** Where the number of a "Wait" stands, in the chart's own measures. */
export interface Badge {
  readonly badgeTokens: number;
  readonly badgeAccuracy: number;
  readonly isMoved: boolean;
}

/** What the axes go from and to; that of tokens doubles. */
export interface Domains {
  readonly tokens: readonly [number, number];
  readonly accuracy: readonly [number, number];
}

/** Numbers that would cover other marks stand beside their points. */
export function withBadges<Row extends Point>(
  rows: readonly Row[],
  { tokens: [least, most], accuracy: [bottom, top] }: Domains,
  { width, height }: PanelSize,
): readonly (Row & Badge)[] {
  const left = Math.log2(least);
  const [across, up] = [width / (Math.log2(most) - left), height / (top - bottom)];
  const placeOf = ({ meanThinkingTokens, accuracy }: Point) => ({
    x: (Math.log2(meanThinkingTokens) - left) * across,
    y: (top - accuracy) * up,
  });
  const waits = rows.filter(({ control }) => control === 'wait');
  const others = rows.filter(({ control }) => control !== 'wait');
  const badges = placeBadges(waits.map(placeOf), others.map(placeOf), { width, height });
  const placed = new Map(badges.map((at, index) => [waits[index], at]));
  return rows.map((row) => {
    const [here, at] = [placeOf(row), placed.get(row)];
    const isMoved = at !== undefined && (at.x !== here.x || at.y !== here.y);
    return {
      ...row,
      badgeTokens: isMoved ? 2 ** (left + at.x / across) : row.meanThinkingTokens,
      badgeAccuracy: isMoved ? top - at.y / up : row.accuracy,
      isMoved,
    };
  });
}
