import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { kneeOf } from '../../orchestrator/plan/knee.ts';

const curve = (of: (x: number) => number, xs: readonly number[]) => xs.map((x) => ({ x, loss: of(x) }));
const TO_TEN = Array.from({ length: 11 }, (_, x) => x);

test('a curve that falls and then lies flat has its knee where it begins to lie', () => {
  for (const bend of [2, 3, 5, 7]) expect(kneeOf(curve((x) => Math.max(0, 1 - x / bend), TO_TEN))).toBe(bend);
});

test('a straight line, a curve that falls late and a flat one have none', () => {
  expect(kneeOf(curve((x) => 1 - x / 10, TO_TEN))).toBeNull();
  expect(kneeOf(curve((x) => 1 - (x / 10) ** 3, TO_TEN))).toBeNull();
  expect(kneeOf(curve(() => 0.4, TO_TEN))).toBeNull();
  expect(kneeOf(curve((x) => 1 / (1 + x), [1, 2]))).toBeNull();
});

test('values that double are told apart by their ratios', () => {
  const lengths = [1024, 2048, 4096, 8192, 16384, 32768];
  expect(kneeOf(curve((x) => (x < 8192 ? 1 : 0), lengths))).toBe(3);
  // By their differences all before the last would lie close to the left edge, and the fourth fall the deepest.
  const falling = [1, 0.3, 0.25, 0.02, 0.01, 0].map((loss, place) => ({ x: lengths[place] ?? 0, loss }));
  expect(kneeOf(falling)).toBe(1);
  expect(kneeOf(falling.map(({ loss }, x) => ({ x, loss })))).toBe(1);
  // The same differences, of values that lie close together.
  expect(kneeOf(falling.map(({ x, loss }) => ({ x: x + 100_000, loss })))).toBe(3);
});

test('neither scale nor order of the points moves the knee', () => {
  const xs = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(
      xs,
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0.1, max: 9, noNaN: true }),
      (all, scale, height) => {
        const points = curve((x) => Math.exp(-x / 6), all);
        const scaled = points.map(({ x, loss }) => ({ x: x * scale, loss: loss * height + 1 }));
        const reversed = points.toReversed();
        const knee = kneeOf(points);
        const xOf = (of: typeof points, place: number | null) => (place === null ? null : of[place]?.x);
        expect(xOf(points, kneeOf(scaled))).toBe(xOf(points, knee));
        expect(xOf(reversed, kneeOf(reversed))).toBe(xOf(points, knee));
      },
    ),
  );
});
