import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { pairedMeans } from '../../orchestrator/evaluation/paired-means.ts';
import { type RandomBelow, seededRandom } from '../simulation/random.ts';

const MOST = 2_000;
const tokens = fc.integer({ min: 0, max: MOST });
const pairs = fc.array(fc.tuple(tokens, tokens), { minLength: 1, maxLength: 40 });
const split = (values: readonly (readonly [number, number])[]) =>
  [values.map(([first]) => first), values.map(([, second]) => second)] as const;

test('holds what was observed and stays among the differences that there can be', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const { difference, low, high, n } = pairedMeans(...split(values), MOST);
      expect(n).toBe(values.length);
      expect(low).toBeLessThanOrEqual(difference);
      expect(high).toBeGreaterThanOrEqual(difference);
      expect([low >= -MOST, high <= MOST]).toEqual([true, true]);
    }),
  );
});

test('seen from the other side it is the same, to the bit', () => {
  fc.assert(
    fc.property(pairs, (values) => {
      const [first, second] = split(values);
      const [forth, back] = [pairedMeans(first, second, MOST), pairedMeans(second, first, MOST)];
      expect([back.difference, back.low, back.high]).toEqual(
        [forth.difference, forth.high, forth.low].map((value) => 0 - value),
      );
    }),
  );
});

test('of one question nothing is bounded but by what there can be, and five of one direction tell nothing', () => {
  expect(pairedMeans([10], [20], MOST)).toEqual({ difference: 10, low: -MOST, high: MOST, n: 1 });
  const gaps = (count: number) =>
    [
      Array.from({ length: 30 }, () => 10),
      Array.from({ length: 30 }, (_, index) => (index < count ? 20 : 10)),
    ] as const;
  expect(canBeTold(pairedMeans(...gaps(0), MOST))).toBe(false);
  expect(canBeTold(pairedMeans(...gaps(5), MOST))).toBe(false);
  expect(canBeTold(pairedMeans([10, 10, 10, 10, 10], [20, 20, 20, 20, 20], MOST))).toBe(false);
  expect(canBeTold(pairedMeans(...gaps(30), MOST))).toBe(true);
});

test('refuses samples that are no pairs', () => {
  expect(() => pairedMeans([1], [1, 0], MOST)).toThrow('found 1 and 2');
  expect(() => pairedMeans([], [], MOST)).toThrow(RangeError);
});

const uniform = (below: RandomBelow) => (below(2 ** 31) + 0.5) / 2 ** 31;
const normal = (below: RandomBelow) =>
  Math.sqrt(-2 * Math.log(uniform(below))) * Math.cos(2 * Math.PI * uniform(below));

/** Thinking of a question: its difficulty, shared by both arms, and each arm's chance; skewed, and cut by the budget. */
const thinking = (below: RandomBelow, median: number, difficulty: number) =>
  Math.min(MOST, median * Math.exp(0.5 * difficulty + 0.6 * normal(below)));

const SHAPES: Readonly<Record<string, (below: RandomBelow) => readonly [number, number]>> = {
  'as long as each other': (below) => {
    const difficulty = normal(below);
    return [thinking(below, 400, difficulty), thinking(below, 400, difficulty)];
  },
  'a third longer': (below) => {
    const difficulty = normal(below);
    return [thinking(below, 400, difficulty), thinking(below, 540, difficulty)];
  },
  'always up to the budget': (below) => [thinking(below, 400, normal(below)), MOST],
};

/** Questions of whom each trial draws some: their mean gap is the truth, known to the bit. */
const POOL = 10_000;
const TRIALS = 1_500;

test.each(Object.entries(SHAPES))(
  'of arms that think %s it covers the truth at least as often as it says',
  (_, draw) => {
    const below = seededRandom(7);
    const [first, second] = split(Array.from({ length: POOL }, () => draw(below)));
    const truth = first.reduce((sum, value, index) => sum + ((second[index] ?? 0) - value) / POOL, 0);
    for (const n of [30, 198, 500]) {
      let covered = 0;
      for (let trial = 0; trial < TRIALS; trial++) {
        const chosen = Array.from({ length: n }, () => below(POOL));
        const of = (values: readonly number[]) => chosen.map((index) => values[index] ?? 0);
        const { low, high } = pairedMeans(of(first), of(second), MOST);
        if (low <= truth && truth <= high) covered += 1;
      }
      expect(covered / TRIALS, `${n} questions`).toBeGreaterThanOrEqual(0.945);
    }
  },
);
