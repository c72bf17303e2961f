import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { areWeightsWhole, knownParameters, WHOLE_PARAMETERS } from '../../orchestrator/plan/whole-weights.ts';
import { arms, recipe } from './fixtures.ts';

it('the number of weights that a rank keeps whole is the trainer’s', () => {
  const found = /^WHOLE_PARAMETERS = ([\d_]+)$/m.exec(readFileSync('trainer/sft/parallel.py', 'utf8'));
  expect(Number(found?.[1]?.replaceAll('_', ''))).toBe(WHOLE_PARAMETERS);
});

it('the quickstart’s model is whole on every rank, s1’s is not', () => {
  expect(arms('quickstart').map(({ model }) => areWeightsWhole(model.architecture))).toEqual([true, true]);
  expect(areWeightsWhole(recipe('s1-32b').model.architecture)).toBe(false);
});

it('a vocabulary counts where the recipe has it, as in the trainer', () => {
  const { vocabularySize: _, ...small } = {
    ...recipe('s1-32b').model.architecture,
    layers: 1,
    hiddenSize: 64,
    queryHeads: 2,
    keyValueHeads: 1,
    headSize: 32,
    feedForwardSize: 128,
  };
  expect(knownParameters(small)).toBe(64 * (2 * 64 + 2 * 32 + 3 * 128));
  // The least vocabulary with which ranks share the weights.
  const enough = Math.ceil((WHOLE_PARAMETERS - knownParameters(small)) / 64);
  expect(areWeightsWhole({ ...small, vocabularySize: enough - 1 })).toBe(true);
  expect(areWeightsWhole({ ...small, vocabularySize: enough })).toBe(false);
});
