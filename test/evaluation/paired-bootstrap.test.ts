import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canBeTold, pairedBootstrap } from '../../orchestrator/evaluation/paired-bootstrap.ts';
import { seededRandom } from '../../orchestrator/evaluation/random.ts';

const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })), {
  minLength: 1,
  maxLength: 25,
});
const split = (values: readonly (readonly [number, number])[]) =>
  [values.map(([first]) => first), values.map(([, second]) => second)] as const;
const options = { numRuns: 20 };

test('gives the same interval every time', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [first, second] = split(values);
      expect(pairedBootstrap(first, second)).toEqual(pairedBootstrap(first, second));
    }),
    options,
  );
});

test('is antisymmetric to the bit', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [first, second] = split(values);
      const forth = pairedBootstrap(first, second);
      const back = pairedBootstrap(second, first);
      expect([back.difference, back.low, back.high]).toEqual([
        0 - forth.difference,
        0 - forth.high,
        0 - forth.low,
      ]);
    }),
    options,
  );
});

test('lies between the smallest and the largest gap', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const gaps = values.map(([first, second]) => second - first);
      const { low, high } = pairedBootstrap(...split(values));
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(Math.min(...gaps));
      expect(high).toBeLessThanOrEqual(Math.max(...gaps));
    }),
    options,
  );
});

test('agrees with the normal approximation on many questions', () => {
  const below = seededRandom(5);
  const first = Array.from({ length: 400 }, () => (below(10) < 6 ? 1 : 0));
  const second = first.map((right) => (below(10) < 2 ? 1 : right));
  const gaps = first.map((right, index) => (second[index] ?? 0) - right);
  const mean = gaps.reduce<number>((total, gap) => total + gap, 0) / 400;
  const deviation = Math.sqrt(gaps.reduce<number>((total, gap) => total + (gap - mean) ** 2, 0) / 400);
  const { low, high, difference } = pairedBootstrap(first, second);
  expect(difference).toBeCloseTo(mean, 12);
  expect(low).toBeCloseTo(mean - (1.96 * deviation) / 20, 2);
  expect(high).toBeCloseTo(mean + (1.96 * deviation) / 20, 2);
});

test('covers the truth about as often as it claims', () => {
  const below = seededRandom(11);
  const trials = 60;
  const covered = Array.from({ length: trials }, () => {
    const first = Array.from({ length: 80 }, () => (below(100) < 40 ? 1 : 0));
    const second = Array.from({ length: 80 }, () => (below(100) < 60 ? 1 : 0));
    const { low, high } = pairedBootstrap(first, second);
    return low <= 0.2 && 0.2 <= high;
  }).filter(Boolean).length;
  expect(covered / trials).toBeGreaterThan(0.86);
});

test('pairing tells a small steady gain that unpaired accuracies would hide', () => {
  const first = Array.from({ length: 200 }, (_, index) => index % 2);
  const second = first.map((right, index) => (index < 20 ? 1 : right));
  expect(canBeTold(pairedBootstrap(first, second))).toBe(true);
  expect(canBeTold(pairedBootstrap(first, first))).toBe(false);
});

test('refuses samples that are no pairs', () => {
  expect(() => pairedBootstrap([1], [1, 0])).toThrow('found 1 and 2');
  expect(() => pairedBootstrap([], [])).toThrow(RangeError);
});
