import { expect, test } from 'vitest';
import { EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';

function settings(temperature: number) {
  return {
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' }, grader: 'exact' }],
    controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    temperature,
  };
}

test('what is greedy gives one answer a question, what is drawn any number', () => {
  const { temperature: _, ...silent } = settings(0);
  expect(EvaluationSettingsSchema.parse(silent).temperature).toBe(0);
  for (const [temperature, samples, ok] of [
    [0, 1, true],
    [0, 2, false],
    [0.7, 1, true],
    [1, 64, true],
    [1, 0, false],
  ] as const) {
    const { success, error } = EvaluationSettingsSchema.safeParse({ ...settings(temperature), samples });
    expect(success).toBe(ok);
    if (!ok) expect(error?.issues[0]?.path).toEqual(['samples']);
  }
});

test('an engine is the trainer, vLLM, or a server with its address', () => {
  const parse = (engine: unknown) => EvaluationSettingsSchema.safeParse({ ...settings(0), engine }).success;
  expect(['trainer', 'vllm', 'endpoint', 'other'].map((kind) => parse({ kind }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  for (const url of ['http://a.example/v1', 'https://a.example:8443/v1'])
    expect(parse({ kind: 'endpoint', url })).toBe(true);
  for (const url of ['a.example/v1', 'file:///etc', 'javascript:1'])
    expect(parse({ kind: 'endpoint', url })).toBe(false);
});

test('an address holds no secret, for recipes are shown and kept', () => {
  const parse = (url: string) => EvaluationSettingsSchema.safeParse({ ...settings(0), judge: { url } });
  expect(parse('https://judge.example/v1').data?.judge).toEqual({
    url: 'https://judge.example/v1',
    answers: 'unreadable',
  });
  for (const url of [
    'https://ann:secret@judge.example/v1',
    'https://secret@judge.example/v1',
    'https://judge.example/v1?key=secret',
    'https://judge.example/v1#secret',
  ]) {
    const [issue] = parse(url).error?.issues ?? [];
    expect(issue).toMatchObject({ path: ['judge', 'url'] });
    expect(issue?.message).toContain('STINT_JUDGE_KEY');
    const engine = { kind: 'endpoint', url };
    expect(EvaluationSettingsSchema.safeParse({ ...settings(0), engine }).success).toBe(false);
  }
});

test('two benchmarks of one name are refused, and two controls that ask the same, at the second of them', () => {
  const asked = settings(0);
  const controls = [
    { kind: 'wait', times: 1, maxThinkingTokens: 4 },
    { kind: 'wait', times: 2, maxThinkingTokens: 4 },
    { kind: 'wait', times: 1, maxThinkingTokens: 4, accounting: 'shared' },
  ];
  const benchmarks = [...asked.benchmarks, ...asked.benchmarks];
  const twice = EvaluationSettingsSchema.safeParse({ ...asked, benchmarks, controls });
  expect(twice.error?.issues.map(({ path }) => path)).toEqual([
    ['benchmarks', 1, 'name'],
    ['controls', 2],
  ]);
});

test('a temperature is 0, or one by which scores can be divided', () => {
  const isTaken = (temperature: number) => EvaluationSettingsSchema.safeParse(settings(temperature)).success;
  expect([0, 0.01, 0.6, 2].map(isTaken)).toEqual([true, true, true, true]);
  expect([-1, 1e-320, 1e-9, 0.009].map(isTaken)).toEqual([false, false, false, false]);
});
