import { expect, test } from 'vitest';
import { comparisonText } from '../../orchestrator/cli/render/comparison-text.ts';
import { accuracyChart } from '../../orchestrator/comparison/chart/accuracy-chart.ts';
import { LIGHT } from '../../orchestrator/comparison/chart/palette.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { EvaluationResult } from '../../orchestrator/wire/evaluation-result.ts';
import { drawReport } from './draw-report.ts';
import { armInput } from './fixture.ts';

/** Two budgets of an arm's evaluation, so that no test waits for resampling that it does not need. */
function evaluated(arm: 'short' | 'long'): EvaluationResult {
  const { evaluation } = armInput(arm);
  if (evaluation === null) throw new Error('the fixture is evaluated');
  const benchmarks = evaluation.benchmarks.map((benchmark) => ({
    ...benchmark,
    results: benchmark.results.filter(({ budget, times }) => times === 0 && (budget === 8 || budget === 96)),
  }));
  return { ...evaluation, benchmarks };
}

/** A model that answers the arm's questions, one in `every` of them right. */
function untouched(every: number): NonNullable<EvaluationResult['untouched']> {
  const benchmarks = evaluated('long').benchmarks.map((benchmark) => ({
    ...benchmark,
    results: benchmark.results.map((result) => ({
      ...result,
      correct: result.correct.map((_, question): 0 | 1 => (question % every === 0 ? 1 : 0)),
    })),
  }));
  return { benchmarks };
}

const arm = (name: 'short' | 'long', every: number) =>
  armInput(name, { evaluation: { ...evaluated(name), untouched: untouched(every) } });
const both = compareArms([arm('short', 20), arm('long', 20)]);

test('shows a model that both arms began from once, before them', () => {
  expect(both.untouched.map(({ name }) => name)).toEqual(['untouched']);
  expect(both.untouched[0]?.evaluations.map(({ accuracy }) => accuracy)).toEqual([0.05, 0.05]);
  expect(comparisonText(both)).toMatch(
    /^BENCHMARK +CONTROL +untouched +TOKENS +short +TOKENS +long +TOKENS$/m,
  );
  expect(comparisonText(both)).toMatch(/^running-digit +budget 96 +0\.05 \[0\.0\d, 0\.0\d\]/m);
});

test('says first what fine-tuning changed in each arm, question by question', () => {
  const told = both.findings.filter(({ about }) => about === 'fine-tuning').map(({ text }) => text);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(
    /^short is more accurate than the untouched model at budget 96: \+0\.6\d \[0\.\d\d, 0\.\d\d\]$/,
  );
  expect(told[1]).toMatch(/^long is more accurate than the untouched model at budget 96: \+0\.9/);
  expect(both.findings[0]?.about).toBe('fine-tuning');
});

test('keeps the arms’ own differences and costs apart from it', () => {
  expect(both.differences.every(({ reference }) => reference === 'short')).toBe(true);
  expect(both.overUntouched.map(({ arm: name, reference }) => [name, reference])).toEqual([
    ['short', 'untouched'],
    ['short', 'untouched'],
    ['long', 'untouched'],
    ['long', 'untouched'],
  ]);
  expect(both.findings.filter(({ about }) => about === 'cost')).toHaveLength(1);
});

test('holds each arm against its own, where they began from different models', () => {
  const apart = compareArms([arm('short', 20), arm('long', 4)]);
  expect(apart.untouched.map(({ name }) => name)).toEqual(['short untouched', 'long untouched']);
  expect(apart.overUntouched.map(({ reference }) => reference)).toEqual([
    'short untouched',
    'short untouched',
    'long untouched',
    'long untouched',
  ]);
});

test('draws it in the chart and puts it into the report’s table', async () => {
  expect(accuracyChart(both, LIGHT)?.alternative).toMatch(/untouched: 5% at /);
  const page = await drawReport([arm('short', 20), arm('long', 20)], 'smollm2');
  for (const text of ['<span>untouched</span>', 'long − untouched', 'short − untouched', 'long − short'])
    expect(page).toContain(text);
});
