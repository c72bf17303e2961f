import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactMcNemar } from '../../orchestrator/evaluation/exact-mcnemar.ts';

test.each([
  [4, 0, 0.125],
  [5, 0, 0.0625],
  [6, 0, 0.03125],
  [7, 1, 0.0703125],
  [0, 0, 1],
  [10, 10, 1],
])('%i gained and %i lost have a p of %d', (gained, lost, p) => {
  expect(exactMcNemar(gained, lost)).toBeCloseTo(p, 12);
  expect(exactMcNemar(lost, gained)).toBe(exactMcNemar(gained, lost));
});

test('is the sum of the binomial terms, counted in whole numbers', () => {
  fc.assert(
    fc.property(fc.nat(120), fc.nat(120), (gained, lost) => {
      const all = gained + lost;
      let [term, sum] = [1n, 0n];
      for (let k = 0n; k <= BigInt(Math.min(gained, lost)); k++) {
        sum += term;
        term = (term * (BigInt(all) - k)) / (k + 1n);
      }
      const exact = Number((2n * sum * 10n ** 15n) / 2n ** BigInt(all)) / 1e15;
      expect(exactMcNemar(gained, lost)).toBeCloseTo(Math.min(1, exact), 9);
    }),
  );
});

test('thousands of questions are no trouble', () => {
  expect(exactMcNemar(2_000, 2_000)).toBeGreaterThan(0.98);
  expect(exactMcNemar(2_200, 1_900)).toBeLessThan(0.001);
});
