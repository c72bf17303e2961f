import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { methodMetrics } from '../../orchestrator/evaluation/control-metrics.ts';
import { controlLabel, isSameControl } from '../../orchestrator/evaluation/control-name.ts';
import type { ControlResult } from '../../orchestrator/wire/evaluation-result.ts';

const file = new URL('../../../shared/data/s1-paper-tables.json', import.meta.url);
const hasPaper = existsSync(file);
if (!hasPaper) console.log('Skipped: the tables of the s1 paper are not at hand.');
const tables = hasPaper ? JSON.parse(readFileSync(file, 'utf8')) : null;

/** Thinking that nobody steered, on AIME24. */
const UNSTEERED = {
  control: 'budget',
  budget: 30_000,
  times: 0,
  meanThinkingTokens: 6_109,
  accuracy: 0.5,
} as const;

interface Told {
  readonly control: ControlResult['control'];
  readonly asked: readonly (number | 'short' | 'long')[];
  readonly thinking: readonly number[];
  readonly accuracy: readonly number[];
}

const metricsOf = ({ control, asked, thinking, accuracy }: Told) =>
  methodMetrics([
    UNSTEERED,
    ...asked.map((each, index) => ({
      control,
      asked: each,
      budget: 30_000,
      times: 0,
      meanThinkingTokens: thinking[index] ?? 0,
      accuracy: Math.round((30 * (accuracy[index] ?? 0)) / 100) / 30,
    })),
  ]).at(-1);

const share = ({ control }: { readonly control: number | null }) => Math.round(100 * (control ?? 0));

test.skipIf(!hasPaper)('finds the control and the slope of Table 3 for each method of the s1 paper', () => {
  const tokens = tables.table12_token_conditional_AIME24;
  const steps = tables.table13_step_conditional_AIME24;
  const [short, long] = [
    tables.table14_class_conditional.rows.short[0],
    tables.table14_class_conditional.rows.long[0],
  ];
  const told = (table: typeof tokens, rows: typeof tokens.forced, control: Told['control']) =>
    metricsOf({ control, asked: table.instructed, thinking: rows.thinking, accuracy: rows.acc });
  const methods = [
    told(tokens, tokens.no_intervention, 'token'),
    told(tokens, tokens.forced, 'token'),
    told(steps, steps.no_intervention, 'step'),
    told(steps, steps.forced, 'step'),
    metricsOf({
      control: 'class',
      asked: ['short', 'long'],
      thinking: [short[1], long[1]],
      accuracy: [short[0], long[0]],
    }),
  ];
  expect(methods.map((each) => [each?.method, each && share(each), Math.round(each?.scaling ?? 0)])).toEqual([
    ['token-conditional', 40, -24],
    ['token-conditional', 100, 13],
    ['step-conditional', 60, 3],
    ['step-conditional', 100, 6],
    ['class-conditional', 50, 25],
  ]);
});

test('a Wait belongs to budget forcing, and each other method is measured by itself', () => {
  const point = (control: ControlResult['control'], meanThinkingTokens: number, asked?: number) => ({
    control,
    budget: 100,
    times: control === 'wait' ? 2 : 0,
    ...(asked !== undefined && { asked }),
    meanThinkingTokens,
    accuracy: meanThinkingTokens / 200,
  });
  const found = methodMetrics([
    point('budget', 50),
    point('wait', 100),
    point('rejection', 40, 64),
    point('token', 80, 40),
  ]);
  expect(found.map(({ method, control, performance }) => [method, control, performance])).toEqual([
    ['budget forcing', 1, 0.5],
    ['rejection sampling', 1, 0.2],
    ['token-conditional', 0, 0.4],
  ]);
  expect(found[0]?.scaling).toBeCloseTo(25, 10);
  expect(methodMetrics([])).toEqual([]);
});

test('controls of one budget are told apart by what was asked, in words and by program', () => {
  const named = (control: ControlResult['control'], asked?: number | 'short' | 'long', times = 0) => ({
    control,
    budget: 32,
    times,
    ...(asked !== undefined && { asked }),
  });
  const all = [
    named('budget'),
    named('wait', undefined, 2),
    named('token', 16),
    named('token', 8),
    named('token', 1),
    named('step', 16),
    named('class', 'short'),
    named('class', 'long'),
    named('rejection', 64),
  ];
  expect(all.map(controlLabel)).toEqual([
    'budget 32',
    'budget 32 with 2 × Wait',
    'budget 32, told up to 16 tokens',
    'budget 32, told up to 8 tokens',
    'budget 32, told up to 1 token',
    'budget 32, told up to 16 steps',
    'budget 32, told to think briefly',
    'budget 32, told to think for long',
    'up to 64 tries within 32',
  ]);
  for (const a of all) expect(all.filter((b) => isSameControl(a, b))).toEqual([a]);
});
