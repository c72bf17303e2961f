import { expect, test } from 'vitest';
import { ENGINE, EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';

function settings(temperature: number) {
  return {
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' }, grader: 'exact' }],
    controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    temperature,
  };
}

test('a recipe may say all that has an engine, and its defaults have one', () => {
  for (const temperature of ENGINE.temperatures)
    expect(EvaluationSettingsSchema.safeParse(settings(temperature)).success).toBe(true);
  const { temperature: _, ...silent } = settings(0);
  expect(ENGINE.temperatures).toContain(EvaluationSettingsSchema.parse(silent).temperature);
});

test('two benchmarks of one name are refused, for results are told apart by it', () => {
  const { benchmarks, ...rest } = settings(0);
  const twice = EvaluationSettingsSchema.safeParse({ ...rest, benchmarks: [...benchmarks, ...benchmarks] });
  expect(twice.error?.issues[0]).toMatchObject({ path: ['benchmarks'] });
});
