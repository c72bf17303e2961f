/** Crockford's base 32 in lower case: no letter that reads as a digit, and text order is number order. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const EPOCH = Date.UTC(2025, 0, 1);
const TIME_DIGITS = 8;
const RANDOM_DIGITS = 4;

/**
 * `r-` and 12 characters: 8 of the time in milliseconds, so that ids sort by age until 2059, and 4 random ones.
 *
 * @param now - Milliseconds since 1970.
 * @param random - A number in [0, 1).
 */
export function newRunId(now: number, random: () => number): string {
  const elapsed = now - EPOCH;
  if (!Number.isSafeInteger(elapsed) || elapsed < 0 || elapsed >= 32 ** TIME_DIGITS)
    throw new RangeError(`no run id for the time ${now}: is the clock set?`);
  return `r-${base32(elapsed, TIME_DIGITS)}${base32(Math.floor(random() * 32 ** RANDOM_DIGITS), RANDOM_DIGITS)}`;
}

function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}
