import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { performance, scaling } from '../../orchestrator/evaluation/scaling-metrics.ts';

const folder = new URL('../../../shared/data/', import.meta.url);
const hasPaper = existsSync(new URL('s1-paper-tables.json', folder));
if (!hasPaper) console.log('Skipped: the tables of the s1 paper are not at hand.');
const load = (file: string) => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

interface FigurePoint {
  readonly avg_thinking_tokens: number;
  readonly accuracy_pct: number;
}

/** The paper prints AIME24 accuracies rounded; all are thirtieths. */
const thirtieths = (percent: number) => Math.round((percent * 30) / 100) / 30;
const pointsOf = (tokens: readonly number[], percents: readonly number[]) =>
  tokens.map((meanThinkingTokens, index) => ({
    meanThinkingTokens,
    accuracy: thirtieths(percents[index] ?? 0),
  }));

test.skipIf(!hasPaper)('reproduces the scaling and performance of the s1 paper’s Table 3', () => {
  const tables = load('s1-paper-tables.json');
  const printed = tables.table3_tts_methods_AIME24.rows;
  const tokens = tables.table12_token_conditional_AIME24;
  const steps = tables.table13_step_conditional_AIME24;
  const classes = tables.table14_class_conditional.rows;
  const figure: readonly FigurePoint[] = load('s1-figure-points.json').fig1_AIME24;
  const methods = {
    BF: pointsOf(
      figure.map((point) => point.avg_thinking_tokens),
      figure.map((point) => point.accuracy_pct),
    ),
    TCC: pointsOf(tokens.no_intervention.thinking, tokens.no_intervention.acc),
    'TCC+BF': pointsOf(tokens.forced.thinking, tokens.forced.acc),
    SCC: pointsOf(steps.no_intervention.thinking, steps.no_intervention.acc),
    'SCC+BF': pointsOf(steps.forced.thinking, steps.forced.acc),
    CCC: pointsOf([classes.short[0][1], classes.long[0][1]], [classes.short[0][0], classes.long[0][0]]),
  };
  for (const [method, points] of Object.entries(methods)) {
    const [, slope, best] = printed[method];
    const ours = {
      scaling: Math.round(scaling(points) ?? 0),
      best: (100 * (performance(points) ?? 0)).toFixed(1),
    };
    expect({ method, ...ours }).toEqual({ method, scaling: slope, best: best.toFixed(1) });
  }
});

test('a doubling that gains ten points scales by ten', () => {
  const points = [
    { meanThinkingTokens: 8, accuracy: 0.3 },
    { meanThinkingTokens: 16, accuracy: 0.4 },
    { meanThinkingTokens: 32, accuracy: 0.5 },
  ];
  expect(scaling(points)).toBeCloseTo(10, 10);
  expect(scaling(points.toReversed())).toBeCloseTo(10, 10);
});

test('says nothing where there is no slope', () => {
  expect(scaling([{ meanThinkingTokens: 8, accuracy: 0.3 }])).toBeNull();
  expect(scaling([8, 8].map((meanThinkingTokens) => ({ meanThinkingTokens, accuracy: 0.3 })))).toBeNull();
  expect(scaling([0, 8].map((meanThinkingTokens) => ({ meanThinkingTokens, accuracy: 0.3 })))).toBeNull();
  expect(performance([])).toBeNull();
});
