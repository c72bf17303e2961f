import { expect, it } from 'vitest';
import { renderFacts } from '../../../orchestrator/cli/render/facts.ts';

it('aligns values behind their labels', () => {
  const facts = [['run', 'r1'] as const, ['checkpoint', 'c1'] as const];
  expect(renderFacts(facts)).toBe('run         r1\ncheckpoint  c1');
  expect(renderFacts(facts, '  ')).toBe('  run         r1\n  checkpoint  c1');
});
