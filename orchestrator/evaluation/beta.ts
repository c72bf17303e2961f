import { bisect } from './bisect.ts';

/** Terms after which a continued fraction of a and b up to some thousands has long come to rest. */
const MOST_TERMS = 10_000;
const HALVINGS = 60;

/** The beta distribution's quantile: below it lies this share. 0 where a is 0, 1 where b is 0. */
export function betaQuantile(share: number, a: number, b: number): number {
  if (a <= 0) return 0;
  if (b <= 0) return 1;
  const [below, above] = bisect(0, 1, HALVINGS, (x) => shareBelow(x, a, b) >= share);
  return (below + above) / 2;
}

/** The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22). */
function shareBelow(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // It comes to rest soon only on this side of the mean.
  return x < (a + 1) / (a + b + 2)
    ? (front / a) * continuedFraction(x, a, b)
    : 1 - (front / b) * continuedFraction(1 - x, b, a);
}

/** By Lentz's method, from the front (Thompson and Barnett 1986). */
function continuedFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let above = 1;
  let below = 1 / away(1 - ((a + b) * x) / (a + 1));
  let product = below;
  for (let term = 1; term < MOST_TERMS; term++) {
    const even = (term * (b - term) * x) / ((a + 2 * term - 1) * (a + 2 * term));
    const odd = (-(a + term) * (a + b + term) * x) / ((a + 2 * term) * (a + 2 * term + 1));
    for (const numerator of [even, odd]) {
      below = 1 / away(1 + numerator * below);
      above = away(1 + numerator / above);
      product *= below * above;
    }
    if (Math.abs(below * above - 1) < 1e-14) break;
  }
  return product;
}

/** Of Stirling's series, after as many steps up as it takes to be exact to the last bits (DLMF 5.11.1). */
function logGamma(x: number): number {
  let [shift, at] = [0, x];
  for (; at < 10; at++) shift += Math.log(at);
  const square = 1 / (at * at);
  const series =
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
