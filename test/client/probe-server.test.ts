import { expect, test, vi } from 'vitest';
import { probeServer } from '../../orchestrator/client/probe-server.ts';
import type { NamedServer } from '../../orchestrator/plan/server-answers.ts';
import { asVllm, completionsServer, type Manners } from './completions-server.ts';

const NEVER = new AbortController().signal;
const seen = async (manners: Manners, named: Partial<NamedServer> = {}) => {
  const { url, asked } = await completionsServer(manners);
  const found = await probeServer({ field: 'evaluation.engine', url, model: undefined, ...named }, NEVER);
  return { found, asked };
};

test.each<[string, Manners, string]>([
  ['says its ids', { choice: asVllm }, 'told'],
  [
    'names them, as older ones do',
    {
      choice: (request) =>
        request['return_tokens_as_token_ids'] === true ? { logprobs: { tokens: ['token_id:7'] } } : {},
    },
    'told',
  ],
  ['answers in text', { choice: () => ({ text: 'x', logprobs: { tokens: ['x'] } }) }, 'untold'],
  ['reads other tokens', { choice: () => ({ token_ids: [1], prompt_token_ids: [5, 0] }) }, 'misread'],
  ['refuses ids', { status: 400 }, 'refused'],
])('a server that %s', async (_, manners, tokens) => {
  const { found } = await seen(manners);
  expect(found).toEqual({ kind: 'serves', models: ['model'], tokens });
});

test('is asked for no token of a model that it does not serve, nor where it judges', async () => {
  for (const named of [{ model: 'other' }, { field: 'evaluation.judge' as const }]) {
    const { found, asked } = await seen({}, named);
    expect(found).toEqual({ kind: 'serves', models: ['model'], tokens: null });
    expect(asked).toEqual(['/v1/models']);
  }
});

test('a server that is none, is silent, busy or wants a key', async () => {
  expect((await seen({ body: '<html>' })).found).toEqual({ kind: 'foreign' });
  expect((await seen({ status: 503 })).found).toMatchObject({ kind: 'silent' });
  expect((await seen({ key: 'secret' })).found).toEqual({ kind: 'refused', status: 401 });
  const nobody: NamedServer = { field: 'evaluation.engine', url: 'http://127.0.0.1:1/v1', model: undefined };
  expect(await probeServer(nobody, NEVER)).toEqual({ kind: 'silent', why: 'ECONNREFUSED' });
  vi.stubEnv('STINT_ENDPOINT_KEY', 'secret');
  expect((await seen({ key: 'secret' })).found).toMatchObject({ kind: 'serves', tokens: 'told' });
  expect((await seen({ key: 'secret' }, { field: 'evaluation.judge' })).found).toMatchObject({ status: 401 });
  vi.unstubAllEnvs();
});
