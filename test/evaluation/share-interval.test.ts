import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Interval, shareInterval } from '../../orchestrator/evaluation/share-interval.ts';

const counted = (right: number, n: number) =>
  shareInterval(Array.from({ length: n }, (_, index) => (index < right ? 1 : 0)));
const round = ({ low, high }: Interval) => [low.toFixed(4), high.toFixed(4)];
const answered = fc
  .record({ samples: fc.integer({ min: 1, max: 32 }), questions: fc.integer({ min: 1, max: 60 }) })
  .chain(({ samples, questions }) =>
    fc.record({
      samples: fc.constant(samples),
      scores: fc.array(
        fc.integer({ min: 0, max: samples }).map((right) => right / samples),
        { minLength: questions, maxLength: questions },
      ),
    }),
  );

test('agrees with published values of the exact interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 5.
  expect(round(counted(81, 263))).toEqual(['0.2527', '0.3676']);
  expect(round(counted(15, 148))).toEqual(['0.0578', '0.1617']);
  expect(round(counted(0, 20))).toEqual(['0.0000', '0.1684']);
  expect(round(counted(1, 29))).toEqual(['0.0009', '0.1776']);
});

test('holds the share, has a width, and lies in [0, 1]', () => {
  fc.assert(
    fc.property(answered, ({ samples, scores }) => {
      const share = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const { low, high } = shareInterval(scores, samples);
      expect(low).toBeLessThanOrEqual(share);
      expect(high).toBeGreaterThanOrEqual(share);
      expect([low >= 0, high <= 1]).toEqual([true, true]);
      expect(high - low).toBeGreaterThan(0);
    }),
  );
});

test('mirrors when right and wrong change places', () => {
  fc.assert(
    fc.property(answered, ({ samples, scores }) => {
      const interval = shareInterval(scores, samples);
      const mirrored = shareInterval(
        scores.map((score) => 1 - score),
        samples,
      );
      expect(mirrored.low).toBeCloseTo(1 - interval.high, 9);
      expect(mirrored.high).toBeCloseTo(1 - interval.low, 9);
    }),
  );
});

test('answers to a question that are always alike count as one; that differ as chance has it, as many', () => {
  const thirty = Array.from({ length: 30 }, (_, index) => index % 2);
  const width = ({ low, high }: Interval) => high - low;
  const once = width(shareInterval(thirty));
  const alike = width(shareInterval(thirty, 16));
  expect(alike / once).toBeGreaterThan(0.95);
  expect(alike / once).toBeLessThan(1.15);
  // Binomial of 16, at the quantiles of 30 questions.
  const differing = [
    4, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 10, 10, 10, 11, 11, 12,
  ];
  const many = width(
    shareInterval(
      differing.map((right) => right / 16),
      16,
    ),
  );
  expect(many / once).toBeLessThan(0.36);
  expect(many / once).toBeGreaterThan(0.25);
});

test('refuses what is no share of so many answers', () => {
  expect(() => shareInterval([])).toThrow('found none');
  expect(() => shareInterval([0.5])).toThrow('expected shares of 1 answers, at least one, found 0.5');
  expect(() => shareInterval([0, 1.5], 2)).toThrow(RangeError);
});

test('one question, however often it is answered, tells next to nothing of a benchmark', () => {
  for (const samples of [2, 16, 64, 1024])
    for (const score of [0, 0.5, 1]) {
      const { low, high } = shareInterval([score], samples);
      expect(high - low, `${score} of ${samples}`).toBeGreaterThan(0.95);
    }
});
