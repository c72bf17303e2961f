import { expect, test } from 'vitest';
import { ENGINE, EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';

function settings(grader: string, temperature: number) {
  return {
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' }, grader }],
    controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    temperature,
  };
}

test('a recipe may say all that has an engine, and its defaults have one', () => {
  for (const grader of ENGINE.graders)
    for (const temperature of ENGINE.temperatures)
      expect(EvaluationSettingsSchema.safeParse(settings(grader, temperature)).success).toBe(true);
  const [grader] = ENGINE.graders;
  const [temperature] = ENGINE.temperatures;
  const { benchmarks, controls } = settings(grader, temperature);
  const silent = EvaluationSettingsSchema.parse({
    benchmarks: benchmarks.map(({ name, source }) => ({ name, source })),
    controls,
  });
  expect(ENGINE.graders).toContain(silent.benchmarks[0]?.grader);
  expect(ENGINE.temperatures).toContain(silent.temperature);
});

test('two benchmarks of one name are refused, for results are told apart by it', () => {
  const { benchmarks, ...rest } = settings('exact', 0);
  const twice = EvaluationSettingsSchema.safeParse({ ...rest, benchmarks: [...benchmarks, ...benchmarks] });
  expect(twice.error?.issues[0]).toMatchObject({ path: ['benchmarks'] });
});
