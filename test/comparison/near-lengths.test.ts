import { expect, test } from 'vitest';
import { caveats } from '../../orchestrator/comparison/caveats.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { armInput } from './fixture.ts';

const { findings: _, ...facts } = compareArms([armInput('short')]);

/** What is said where the first budgets of the first arm had it think for so long. */
function told(...lengths: readonly number[]): readonly string[] {
  const arms = facts.arms.map((arm) => ({
    ...arm,
    evaluations: arm.evaluations
      .slice(0, lengths.length)
      .map((row, index) => ({ ...row, accuracy: index / 10, meanThinkingTokens: lengths[index] ?? 0 })),
  }));
  return caveats({ ...facts, arms })
    .map(({ text }) => text)
    .filter((text) => text.includes('per doubling'));
}

test('lengths that hardly differ are named where a slope rests on them', () => {
  expect(told(45.02, 45.01, 90)).toEqual([
    'short (r-01k9short): points per doubling by budget forcing on running-digit rest on 1 pair of lengths less than 5% apart, whose slopes are mostly chance: between 45.01 tokens under budget 8 and 45.02 tokens under budget 4 it is -31202',
  ]);
  expect(told(45, 45.4, 46)[0]).toContain('3 pairs of lengths less than 5% apart');
});

test('nothing is said of lengths that are well apart, are equal, or are none', () => {
  expect(told(8, 16, 32, 64)).toEqual([]);
  expect(told(45, 45, 90)).toEqual([]);
  expect(told(0, 0.01, 90)).toEqual([]);
});
