import { expect, it, test } from 'vitest';
import { drawQuestions, drawScores } from '../../ops/coverage/answers.ts';
import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { pairedShares } from '../../orchestrator/evaluation/paired-shares.ts';
import { smallestTold } from '../../orchestrator/evaluation/power.ts';
import { smallestToldBy } from '../../orchestrator/evaluation/sampled-power.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';

test('one answer a question is what the exact figure says, and every answer more tells more', () => {
  for (const questions of [30, 64, 198, 500]) {
    expect(smallestToldBy(questions, 1)).toBe(smallestTold(questions));
    const told = [1, 2, 4, 8, 16, 64, 1024].map((samples) => smallestToldBy(questions, samples) ?? 1);
    expect(told).toEqual(told.toSorted((a, b) => b - a));
  }
  expect(smallestToldBy(3, 16)).toBeNull();
});

it.each([
  [30, 4, 1_000],
  [30, 16, 1_000],
  [30, 64, 500],
  [198, 4, 800],
  [198, 16, 300],
  [500, 4, 400],
])(
  'of %i questions answered %i times, the gain is told in 80 of 100 benchmarks that are drawn',
  (questions, samples, benchmarks) => {
    const gain = smallestToldBy(questions, samples) ?? 0;
    const cell = { questions, samples, accuracy: 0.5, correlation: 0.6 };
    const random = seededRandom(11);
    let told = 0;
    for (let benchmark = 0; benchmark < benchmarks; benchmark++) {
      const hardness = drawQuestions(cell, random);
      const [first = [], second = []] = [0.5 - gain / 2, 0.5 + gain / 2].map((accuracy) =>
        drawScores(cell, hardness, accuracy, random),
      );
      if (canBeTold(pairedShares(first, second, samples))) told += 1;
    }
    expect(told / benchmarks).toBeGreaterThan(0.74);
    expect(told / benchmarks).toBeLessThan(0.88);
  },
);
