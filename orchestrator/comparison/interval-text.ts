import type { PairedDifference } from '../evaluation/paired-difference.ts';
import { formatSigned } from '../units/format.ts';

/** `+0.29 [0.24, 0.34]`; with more digits where fewer would show a bound as 0 that is not. */
export function intervalText(difference: PairedDifference, decimals = 2): string {
  const bounds = [difference.low, difference.high];
  const showsBounds = (digits: number) =>
    bounds.every((bound) => bound === 0 || Number(bound.toFixed(digits)) !== 0);
  const digits = [decimals, decimals + 1].find(showsBounds) ?? decimals + 2;
  const texts = bounds.map((bound) => formatSigned(bound, digits).replace('+', ''));
  return `${formatSigned(difference.difference, digits)} [${texts.join(', ')}]`;
}

/** The same difference seen from the other side. */
export function negate(difference: PairedDifference): PairedDifference {
  return {
    difference: -difference.difference,
    low: -difference.high,
    high: -difference.low,
    n: difference.n,
  };
}
