/**
 * The whole number nearest to `value` × `factor`, halves to the even one. A number counts as the shortest decimal that
 * names it, which is what somebody typed, so nothing is lost to binary fractions on the way.
 *
 * @returns Null for what is no decimal number, or a negative one.
 */
export function nearestWhole(value: number | string, factor: bigint): bigint | null {
  const match = /^(\d+)(?:\.(\d+))?(?:e([-+]?\d{1,3}))?$/.exec(String(value));
  if (match === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const product = BigInt(whole + fraction) * factor;
  const power = Number(exponent) - fraction.length;
  return power >= 0 ? product * 10n ** BigInt(power) : halfEven(product, 10n ** BigInt(-power));
}

function halfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}
