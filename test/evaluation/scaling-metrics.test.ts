import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nearPairs, performance, scaling } from '../../orchestrator/evaluation/scaling-metrics.ts';

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

test('pairs of nearly equal thinking are named, the shorter first, and count as the paper counts them', () => {
  const [near, far] = [
    { meanThinkingTokens: 45.02, accuracy: 0.5 },
    { meanThinkingTokens: 90, accuracy: 0.6 },
  ];
  const points = [near, { meanThinkingTokens: 45.01, accuracy: 0.4 }, far];
  const [pair, ...others] = nearPairs(points);
  expect([pair?.from, pair?.to, others]).toEqual([points[1], near, []]);
  expect(pair?.slope).toBeCloseTo(10 / Math.log2(45.02 / 45.01), 6);
  expect(scaling(points)).toBeGreaterThan(10_000);
  const apart = (ratio: number) =>
    nearPairs([near, { meanThinkingTokens: 45.02 * ratio, accuracy: 0.5 }]).length;
  expect([apart(1), apart(1.0499), apart(1.0501)]).toEqual([0, 1, 0]);
  expect(nearPairs([{ meanThinkingTokens: 0, accuracy: 0 }, near])).toEqual([]);
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
