import { METHODS } from '../evaluation/control-metrics.ts';
import { controlLabel } from '../evaluation/control-name.ts';
import { NEAR_SHARE, nearPairs } from '../evaluation/scaling-metrics.ts';
import { counted } from '../units/counted.ts';
import { formatPercent, formatSigned } from '../units/format.ts';
import type { EvaluationRow } from './comparison.ts';

/** The paper's mean slope counts every pair of lengths alike: one of lengths that hardly differ can be most of it, by chance. */
export function nearLengths(who: string, evaluations: readonly EvaluationRow[]): readonly string[] {
  const byMethod = Object.groupBy(evaluations, ({ benchmark, control }) =>
    JSON.stringify([METHODS[control], benchmark]),
  );
  return Object.values(byMethod).flatMap((own = []) => {
    const pairs = nearPairs(own);
    const [nearest] = pairs.toSorted((a, b) => a.doublings - b.doublings);
    if (nearest === undefined) return [];
    const { from, to, slope } = nearest;
    const digits = decimalsApart(to.meanThinkingTokens - from.meanThinkingTokens);
    const end = (row: EvaluationRow) =>
      `${row.meanThinkingTokens.toFixed(digits)} tokens under ${controlLabel(row)}`;
    const rests = `points per doubling by ${METHODS[from.control]} on ${from.benchmark} rest on`;
    const few = `${counted(pairs.length, 'pair')} of lengths less than ${formatPercent(NEAR_SHARE, 0)} apart`;
    return [
      `${who}: ${rests} ${few}, whose slopes are mostly chance: between ${end(from)} and ${end(to)} it is ${formatSigned(slope, 0)}`,
    ];
  });
}

const MOST_DECIMALS = 6;

/** With so many decimals two lengths are not written alike. */
const decimalsApart = (gap: number): number =>
  Math.min(MOST_DECIMALS, Math.max(1, Math.ceil(-Math.log10(gap))));
