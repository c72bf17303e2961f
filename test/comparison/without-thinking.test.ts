import { expect, test } from 'vitest';
import { LIGHT } from '../../orchestrator/comparison/chart/palette.ts';
import { reportCharts } from '../../orchestrator/comparison/chart/report-charts.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { ControlResult } from '../../orchestrator/wire/evaluation-result.ts';
import { armInput } from './fixture.ts';

const result = (control: ControlResult['control'], budget: number, tokens: number): ControlResult => ({
  control,
  budget,
  times: 0,
  ...(control === 'rejection' && { asked: 4, tries: [1, 1], drawnTokens: [tokens, tokens] }),
  correct: [1, 0],
  thinkingTokens: [tokens, tokens],
  forced: 0,
});

/** What is said below each chart of an arm with these results. */
function captions(...results: readonly ControlResult[]): Readonly<Record<string, string>> {
  const { evaluation } = armInput('short');
  if (evaluation === null) throw new Error('the fixture is evaluated');
  const benchmarks = [{ name: 'sums', n: 2, questions: 'sha256:0', results: [...results] }];
  const comparison = compareArms([armInput('short', { evaluation: { ...evaluation, benchmarks } })]);
  return Object.fromEntries(reportCharts(comparison, LIGHT).map(({ id, caption }) => [id, caption]));
}

test('a figure says which evaluations it does not show because nothing was thought in them', () => {
  const said = captions(
    result('budget', 1, 0),
    result('budget', 8, 8),
    result('rejection', 1, 0),
    result('rejection', 8, 4),
  );
  const once = expect.stringContaining(
    '1 evaluation without any thinking has no place on this scale',
  ) as string;
  const twice = expect.stringContaining('2 evaluations without any thinking have no place') as string;
  expect(said).toMatchObject({ accuracy: once, adherence: once, methods: twice });
});

test('and says nothing where it shows them all', () => {
  const said = captions(result('budget', 1, 1), result('budget', 8, 8), result('rejection', 8, 4));
  expect(Object.keys(said)).toEqual(expect.arrayContaining(['accuracy', 'adherence', 'methods']));
  expect(Object.values(said).join()).not.toContain('without any thinking');
});
