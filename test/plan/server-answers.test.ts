import { expect, test } from 'vitest';
import { type ServerSeen, serverAnswers, serversOf } from '../../orchestrator/plan/server-answers.ts';
import { EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';

const URL = 'http://inference.example/v1';
const judge = (seen: ServerSeen, model?: string) =>
  serverAnswers({ field: 'evaluation.engine', url: URL, model }, seen);
const serves = (...models: string[]): ServerSeen => ({ kind: 'serves', models, tokens: 'told' });

test.each<[ServerSeen, string | undefined, boolean, boolean, string]>([
  [serves('a'), undefined, true, false, 'serves a'],
  [serves('a', 'b'), 'b', true, false, 'serves b'],
  [serves('a', 'b'), undefined, false, true, 'name one of them as evaluation.engine.model'],
  [serves('a'), 'b', false, true, 'serves a, and b is expected'],
  [serves(), undefined, false, true, 'serves no model'],
  [{ kind: 'serves', models: ['a'], tokens: 'untold' }, 'a', false, true, 'by which tokens'],
  [{ kind: 'serves', models: ['a'], tokens: 'misread' }, 'a', false, true, 'prompts in token ids'],
  [{ kind: 'serves', models: ['a'], tokens: 'refused' }, 'a', false, true, 'refuses a prompt in token ids'],
  [{ kind: 'foreign' }, undefined, false, true, 'no server of OpenAI’s protocol'],
  // Pods may reach what this machine does not, and have keys that it has not.
  [{ kind: 'silent', why: 'ECONNREFUSED' }, undefined, false, false, 'ECONNREFUSED'],
  [{ kind: 'refused', status: 401 }, undefined, false, false, 'STINT_ENDPOINT_KEY'],
  [{ kind: 'refused', status: 503 }, undefined, false, false, 'answered 503'],
])('%j with model %s', (seen, model, ok, refuses, words) => {
  const verdict = judge(seen, model);
  expect(verdict).toMatchObject({ ok, refuses });
  expect(verdict.message).toContain(words);
  expect(verdict.message).toContain(URL);
});

test('a judge’s key has a name of its own, and models that are served are listed', () => {
  const of = { field: 'evaluation.judge', url: URL, model: 'c' } as const;
  expect(serverAnswers(of, { kind: 'refused', status: 403 }).message).toContain('STINT_JUDGE_KEY');
  expect(serverAnswers(of, serves('a', 'b')).message).toContain('serves a, b, and c is expected');
});

test('each server that recipes name is asked once', () => {
  const evaluation = EvaluationSettingsSchema.parse({
    benchmarks: [{ name: 'sums', source: { kind: 'file', path: 'sums.jsonl' } }],
    controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    engine: { kind: 'endpoint', url: URL },
    judge: { url: URL, model: 'big' },
  });
  expect(serversOf([{ evaluation }, {}, { evaluation }])).toEqual([
    { field: 'evaluation.engine', url: URL, model: undefined },
    { field: 'evaluation.judge', url: URL, model: 'big' },
  ]);
  const { judge: _, engine: __, ...alone } = evaluation;
  expect(serversOf([{ evaluation: alone }, { evaluation: { ...alone, engine: { kind: 'vllm' } } }])).toEqual(
    [],
  );
});
