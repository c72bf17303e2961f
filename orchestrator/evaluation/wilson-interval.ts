export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The standard normal's 97.5% quantile. */
export const NORMAL_QUANTILE = 1.959963984540054;

/**
 * Wilson's 95% score interval of a share of successes (Wilson 1927). Unlike the normal approximation it stays
 * inside [0, 1] and keeps a width at 0 and n successes, which small models and tight budgets do reach.
 */
export function wilsonInterval(successes: number, n: number): Interval {
  if (!Number.isInteger(n) || n < 1 || !Number.isInteger(successes) || successes < 0 || successes > n) {
    throw new RangeError(`expected 0 <= successes <= n and n >= 1, found ${successes} of ${n}`);
  }
  const share = successes / n;
  const scale = 1 + NORMAL_QUANTILE ** 2 / n;
  const centre = (share + NORMAL_QUANTILE ** 2 / (2 * n)) / scale;
  const reach =
    (NORMAL_QUANTILE / scale) * Math.sqrt((share * (1 - share)) / n + NORMAL_QUANTILE ** 2 / (4 * n ** 2));
  // At 0 and n successes the bound equals the share; rounding must not carry it past.
  return {
    low: Math.max(0, Math.min(share, centre - reach)),
    high: Math.min(1, Math.max(share, centre + reach)),
  };
}
