import { bisect } from './bisect.ts';

/** The standard normal's 97.5% quantile: Student's, without doubt of the spread. */
export const NORMAL_QUANTILE = 1.959963984540054;

/** Halvings after which a bound is as near as a number can be. */
const HALVINGS = 80;

/** Beyond it Student's t lies with a chance of 5%, to either side. Infinite without a degree of freedom. */
export function studentQuantile(degrees: number): number {
  if (degrees < 1) return Number.POSITIVE_INFINITY;
  const [, angle] = bisect(0, Math.PI / 2, HALVINGS, (within) => shareWithin(within, degrees) >= 0.95);
  return Math.tan(angle) * Math.sqrt(degrees);
}

/**
 * The chance that |t| lies within tan(angle) × √degrees: a finite sum for whole degrees of freedom (Abramowitz and Stegun
 * 1964, 26.7.3 and 26.7.4).
 */
function shareWithin(angle: number, degrees: number): number {
  const isOdd = degrees % 2 === 1;
  const square = Math.cos(angle) ** 2;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let power = isOdd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (square * (power + 1)) / (power + 2);
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
