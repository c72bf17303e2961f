import { expect, test } from 'vitest';
import { drawQuestions, drawScores } from '../../ops/coverage/answers.ts';
import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { pairedShares, shareDifference } from '../../orchestrator/evaluation/paired-shares.ts';
import { makeTimesTold, smallestTold } from '../../orchestrator/evaluation/power.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';

test('more questions tell less, a few none', () => {
  const told = [30, 64, 198, 500, 2_000].map((questions) => smallestTold(questions) ?? 1);
  expect(told).toEqual(told.toSorted((a, b) => b - a));
  expect(told.map((gain) => Math.round(100 * gain))).toEqual([40, 24, 11, 7, 3]);
  expect(smallestTold(5)).toBeNull();
});

test('is the share of all that can happen in which the comparison tells a gain', () => {
  // Ten questions: every way in which they can be gained and lost.
  const gain = 0.5;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  let expected = 0;
  for (let lost = 0; lost <= 10; lost++)
    for (let gained = lost; gained + lost <= 10; gained++) {
      const same = 10 - gained - lost;
      const ways = factorial(10) / (factorial(gained) * factorial(lost) * factorial(same));
      if (canBeTold(shareDifference(gained, lost, 10)))
        expected += ways * 0.6 ** gained * 0.1 ** lost * 0.3 ** same;
    }
  expect(makeTimesTold(10)(gain)).toBeCloseTo(expected, 10);
});

test('is what happens when benchmarks are drawn', () => {
  const gain = smallestTold(198) ?? 0;
  const random = seededRandom(3);
  let told = 0;
  for (let benchmark = 0; benchmark < 2_000; benchmark++) {
    // Of each question whether it is gained, lost or neither.
    const draws = Array.from({ length: 198 }, random);
    const first = draws.map((draw) => (draw < 0.1 ? 1 : 0));
    const second = draws.map((draw) => (draw >= 0.1 && draw < 0.2 + gain ? 1 : 0));
    if (canBeTold(pairedShares(first, second))) told += 1;
  }
  expect(told / 2_000).toBeGreaterThan(0.77);
  expect(told / 2_000).toBeLessThan(0.83);
});

test('holds of models that find the same questions hard', () => {
  const cell = { questions: 198, samples: 1, accuracy: 0.5, correlation: 0.6 };
  const random = seededRandom(4);
  let lost = 0;
  for (let benchmark = 0; benchmark < 200; benchmark++) {
    const hardness = drawQuestions(cell, random);
    const [first = [], second = []] = [0.5, 0.6].map((accuracy) =>
      drawScores(cell, hardness, accuracy, random),
    );
    lost += first.filter((score, index) => score > (second[index] ?? 0)).length / 198 / 200;
  }
  // One in ten is lost by the better one: what the figure assumes.
  expect(lost).toBeGreaterThan(0.09);
  expect(lost).toBeLessThan(0.11);
});
