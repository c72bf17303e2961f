import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestWhole } from '../../orchestrator/units/nearest-whole.ts';

test('a decimal counts as it is written, and halves go to the even whole number', () => {
  expect(nearestWhole(2.1, 10n)).toBe(21n);
  expect(nearestWhole(1e-7, 10n ** 9n)).toBe(100n);
  expect(nearestWhole(1e305, 1n)).toBe(10n ** 305n);
  expect(['0.5', '1.5', '2.5', '2.500000000000000001'].map((text) => nearestWhole(text, 1n))).toEqual([
    0n,
    2n,
    2n,
    3n,
  ]);
});

test('what is no decimal, or negative, is nothing', () => {
  for (const bad of ['-1', '2,49', '', ' 1', '0x10', '1.', '.5', 'NaN', -0.1, Number.POSITIVE_INFINITY])
    expect(nearestWhole(bad, 1n)).toBeNull();
});

test('no whole number is nearer', () => {
  const places = 6;
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(1n, 10n ** 4n), (millionths, factor) => {
      const digits = millionths.toString().padStart(places + 1, '0');
      const found = nearestWhole(`${digits.slice(0, -places)}.${digits.slice(-places)}`, factor) ?? -1n;
      const off = 2n * (found * 10n ** BigInt(places) - millionths * factor);
      const half = 10n ** BigInt(places);
      expect(off <= half && off >= -half).toBe(true);
      if (off === half || off === -half) expect(found % 2n).toBe(0n);
    }),
  );
});
