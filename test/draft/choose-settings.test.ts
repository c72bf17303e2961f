import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseSettings } from '../../orchestrator/draft/choose-settings.ts';
import { recipeName } from '../../orchestrator/draft/recipe-name.ts';
import { summariseLengths } from '../../orchestrator/plan/length-summary.ts';
import { Name } from '../../orchestrator/recipe/name.ts';
import { recipe } from '../plan/fixtures.ts';

const QWEN_32B = recipe('s1-32b').model.architecture;

function settings(lengths: readonly number[], groups = 2, architecture = QWEN_32B) {
  const summary = summariseLengths(lengths, 16);
  if (summary === null) throw new Error('there are lengths');
  return chooseSettings({ lengths, summary, architecture, groups });
}

const alike = (count: number): number[] => Array.from({ length: count }, () => 100);

test('a thousand traces for a 32B model are trained on as s1 was', () => {
  const lengths = Array.from({ length: 1000 }, (_, index) => 700 + 8 * index);
  expect(settings(lengths, 2)).toEqual({
    sequenceLength: 16_384,
    overLength: 'refuse',
    leftOut: 0,
    epochs: 5,
    globalBatch: 16,
    learningRate: 1e-5,
  });
});

test('nothing is cut while the model has positions for it, and what has none is left out and counted', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 80_000 }), { minLength: 1, maxLength: 50 }), (lengths) => {
      const { sequenceLength, overLength, leftOut } = settings(lengths);
      expect(sequenceLength).toBeLessThanOrEqual(QWEN_32B.maxPositions);
      expect(leftOut).toBe(lengths.filter((length) => length > sequenceLength).length);
      expect(overLength).toBe(leftOut > 0 ? 'drop' : 'refuse');
      if (leftOut > 0) expect(sequenceLength).toBe(QWEN_32B.maxPositions);
    }),
  );
});

test('a batch is shared evenly by the groups, and is at most s1’s unless there are more groups', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 64 }), (samples, groups) => {
      const { globalBatch } = settings(alike(samples), groups);
      expect(globalBatch % groups).toBe(0);
      expect(globalBatch).toBeLessThanOrEqual(Math.max(16, groups));
    }),
  );
});

test('many samples are passed fewer times, and a narrow model learns faster', () => {
  expect(settings(alike(59_000)).epochs).toBe(1);
  expect(settings(alike(2500)).epochs).toBe(2);
  expect(settings([100], 2, { ...QWEN_32B, hiddenSize: 896 }).learningRate).toBe(6e-5);
  expect(settings([100], 2, { ...QWEN_32B, hiddenSize: 8 }).learningRate).toBe(1e-3);
});

test('whatever model and data are called, the recipe’s name is a name', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9. _-]{0,60}$/));
  fc.assert(
    fc.property(text, text, (a, b) => Name.safeParse(recipeName(a, b)).success),
    { numRuns: 2000 },
  );
  expect(recipeName('Qwen2.5-0.5B', 'my traces (v2)')).toBe('qwen2.5-0.5b-my-traces-v2');
});
