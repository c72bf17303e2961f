import { expect, test } from 'vitest';
import { comparisonText } from '../../../orchestrator/cli/render/comparison-text.ts';
import { compareArms } from '../../../orchestrator/comparison/compare-arms.ts';
import { armInput } from '../../comparison/fixture.ts';

test('puts arms, accuracies and findings on a terminal', async () => {
  const text = comparisonText(compareArms([armInput('short'), armInput('long')]));
  await expect(text.replace(/$/gm, '|')).toMatchFileSnapshot('golden/comparison.txt');
});

test('leaves the accuracies out where there are none', () => {
  const text = comparisonText(compareArms([armInput('long', { evaluation: null, factor: null, steps: [] })]));
  expect(text).not.toContain('CONTROL');
  expect(text.split('\n').at(-1)).toBe('- long (r-01k9long): it has no evaluation');
});
