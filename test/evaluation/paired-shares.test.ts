import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactMcNemar } from '../../orchestrator/evaluation/exact-mcnemar.ts';
import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { pairedShares, shareDifference } from '../../orchestrator/evaluation/paired-shares.ts';

const bit = fc.constantFrom(0, 1);
const pairs = fc.array(fc.tuple(bit, bit), { minLength: 1, maxLength: 60 });
const split = (values: readonly (readonly [number, number])[]) =>
  [values.map(([first]) => first), values.map(([, second]) => second)] as const;

test.each([
  [4, 0],
  [5, 0],
  [7, 1],
  [0, 5],
  [0, 0],
])('%i gained and %i lost of 30 may be chance: no difference can be told', (gained, lost) => {
  expect(canBeTold(shareDifference(gained, lost, 30))).toBe(false);
});

test.each([
  [6, 0],
  [9, 1],
  [0, 6],
])('%i gained and %i lost of 30 are a difference', (gained, lost) => {
  expect(canBeTold(shareDifference(gained, lost, 30))).toBe(true);
});

test('is what Bonett and Price print: [-0.069, 0.329] where 7 of 22 are gained and 3 lost, by hand', () => {
  // Adjusted shares 8/24 and 4/24: 1/6 ± 1.96 √((1/2 - 1/36) / 24).
  const { difference, low, high } = shareDifference(7, 3, 22);
  expect(difference).toBeCloseTo(4 / 22, 12);
  expect(low).toBeCloseTo(1 / 6 - 1.959964 * Math.sqrt((1 / 2 - 1 / 36) / 24), 6);
  expect(high).toBeCloseTo(1 / 6 + 1.959964 * Math.sqrt((1 / 2 - 1 / 36) / 24), 6);
});

test('holds what was observed, has a width, and stays among the differences that there can be', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const { difference, low, high, n } = pairedShares(...split(values));
      expect(n).toBe(values.length);
      expect(low).toBeLessThanOrEqual(difference);
      expect(high).toBeGreaterThanOrEqual(difference);
      expect(high - low).toBeGreaterThan(0);
      expect([low >= -1, high <= 1]).toEqual([true, true]);
    }),
  );
});

test('seen from the other side it is the same, to the bit', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [first, second] = split(values);
      const [forth, back] = [pairedShares(first, second), pairedShares(second, first)];
      expect([back.difference, back.low, back.high]).toEqual(
        [forth.difference, forth.high, forth.low].map((value) => 0 - value),
      );
    }),
  );
});

test('refuses samples that are no pairs', () => {
  expect(() => pairedShares([1], [1, 0])).toThrow('found 1 and 2');
  expect(() => pairedShares([], [])).toThrow(RangeError);
});

/** ln k! */
const LOG_FACTORIALS = [0];
for (let k = 1; k <= 500; k++) LOG_FACTORIALS.push((LOG_FACTORIALS[k - 1] ?? 0) + Math.log(k));
const logFactorial = (k: number): number => LOG_FACTORIALS[k] ?? Number.NaN;

interface Setting {
  readonly n: number;
  readonly accuracy: number;
  readonly gain: number;
  readonly correlation: number;
}

/** Chances that a question is gained and that it is lost; null where two such accuracies cannot correlate so. */
function chancesOf({ accuracy, gain, correlation }: Setting): readonly [number, number] | null {
  const other = accuracy + gain;
  const spread = Math.sqrt(accuracy * (1 - accuracy) * other * (1 - other));
  const both = accuracy * other + correlation * spread;
  const [gained, lost] = [other - both, accuracy - both];
  return lost < 0 || gained < 0 ? null : [gained, lost];
}

/** How often the interval holds the true difference, and how often it tells one: exactly, over all that can happen. */
function exactRates(setting: Setting): { readonly coverage: number; readonly told: number } | null {
  const chances = chancesOf(setting);
  if (chances === null) return null;
  const { n, gain } = setting;
  const [up, down] = chances;
  const rest = 1 - up - down;
  const reach = (chance: number) => Math.ceil(8 * Math.sqrt(n * chance * (1 - chance)) + 8);
  const around = (chance: number) =>
    [
      Math.max(0, Math.floor(n * chance) - reach(chance)),
      Math.min(n, Math.ceil(n * chance) + reach(chance)),
    ] as const;
  const [[gainedFrom, gainedTo], [lostFrom, lostTo]] = [around(up), around(down)];
  const power = (chance: number, times: number) => (times === 0 ? 0 : times * Math.log(chance));
  let [coverage, told] = [0, 0];
  for (let gained = gainedFrom; gained <= gainedTo; gained++)
    for (let lost = lostFrom; lost <= Math.min(lostTo, n - gained); lost++) {
      const same = n - gained - lost;
      const ways = logFactorial(n) - logFactorial(gained) - logFactorial(lost) - logFactorial(same);
      const probability = Math.exp(ways + power(up, gained) + power(down, lost) + power(rest, same));
      if (probability < 1e-12) continue;
      const interval = shareDifference(gained, lost, n);
      if (interval.low <= gain && gain <= interval.high) coverage += probability;
      if (canBeTold(interval)) told += probability;
    }
  return { coverage, told };
}

const SETTINGS: readonly Setting[] = [30, 198, 500].flatMap((n) =>
  [0.5, 0.9, 0.93].flatMap((accuracy) =>
    [0, 0.03, 1 / 15].flatMap((gain) =>
      [0, 0.5, 0.8, 0.97].map((correlation) => ({ n, accuracy, gain, correlation })),
    ),
  ),
);

test('covers the true difference in at least 94.5% of all that can happen, in every setting', () => {
  const rates = SETTINGS.flatMap((setting) => {
    const exact = exactRates(setting);
    return exact === null ? [] : [{ ...setting, ...exact }];
  });
  expect(rates.length).toBeGreaterThan(70);
  expect(rates.filter(({ coverage }) => coverage < 0.945)).toEqual([]);
});

test('tells a difference where there is none in at most 5% of all that can happen, in every setting', () => {
  const none = SETTINGS.filter(({ gain }) => gain === 0).map((setting) => ({
    ...setting,
    ...exactRates(setting),
  }));
  expect(none.filter(({ told = 1 }) => told > 0.05)).toEqual([]);
});

test('what it tells, the exact test tells too', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 300 }), (gained, lost, same) => {
      const isTold = canBeTold(shareDifference(gained, lost, gained + lost + same));
      expect(isTold && exactMcNemar(gained, lost) >= 0.05).toBe(false);
    }),
  );
});

test('two models that answer one question alike, however often, may differ on others by as much as there is', () => {
  for (const samples of [2, 16, 64, 1024])
    for (const [reference, other] of [
      [0.5, 0.5],
      [0, 0],
      [0.25, 0.75],
    ] as const)
      expect(pairedShares([reference], [other], samples)).toMatchObject({ low: -1, high: 1, n: 1 });
});
