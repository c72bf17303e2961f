import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Interval, wilsonInterval } from '../../orchestrator/evaluation/wilson-interval.ts';

const counts = fc
  .integer({ min: 1, max: 5000 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

const round = ({ low, high }: Interval) => [low.toFixed(4), high.toFixed(4)];

test('agrees with published values of the score interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
  expect(round(wilsonInterval(81, 263))).toEqual(['0.2553', '0.3662']);
  expect(round(wilsonInterval(15, 148))).toEqual(['0.0624', '0.1605']);
  expect(round(wilsonInterval(0, 20))).toEqual(['0.0000', '0.1611']);
  expect(round(wilsonInterval(1, 29))).toEqual(['0.0061', '0.1718']);
});

test('contains the estimate and lies in [0, 1]', () => {
  fc.assert(
    fc.property(counts, ([successes, n]) => {
      const { low, high } = wilsonInterval(successes, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(successes / n);
      expect(high).toBeGreaterThanOrEqual(successes / n);
      expect(high).toBeLessThanOrEqual(1);
      expect(high - low).toBeGreaterThan(0);
    }),
  );
});

test('mirrors when successes and failures swap', () => {
  fc.assert(
    fc.property(counts, ([successes, n]) => {
      const { low, high } = wilsonInterval(successes, n);
      const mirrored = wilsonInterval(n - successes, n);
      expect(mirrored.low).toBeCloseTo(1 - high, 12);
      expect(mirrored.high).toBeCloseTo(1 - low, 12);
    }),
  );
});

test('narrows when the same share rests on more questions', () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 2, max: 9 }), ([successes, n], times) => {
      const few = wilsonInterval(successes, n);
      const many = wilsonInterval(successes * times, n * times);
      expect(many.high - many.low).toBeLessThan(few.high - few.low);
    }),
  );
});

test('refuses counts that cannot be', () => {
  expect(() => wilsonInterval(0, 0)).toThrow(RangeError);
  expect(() => wilsonInterval(3, 2)).toThrow('found 3 of 2');
});
