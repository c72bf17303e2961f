import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Stint } from '../../orchestrator/contract/routes.ts';
import { STREAMS } from '../../orchestrator/contract/streams.ts';
import { VERB_NAMES, VERBS } from '../../orchestrator/contract/verbs.ts';
import { createToken } from '../../orchestrator/operations/create-token.ts';
import { localStint } from '../../orchestrator/operations/local-stint.ts';
import { siteOfTests } from '../operations/site-of-tests.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';
import { serveWorkplace } from './serve-workplace.ts';

const VIEWER = { name: 'vera', role: 'viewer', team: null } as const;
const ADMIN = { name: 'ada', role: 'admin', team: null } as const;

async function open() {
  const workplace = await workplaceOfTests();
  const served = await serveWorkplace(workplace);
  const ask = async (path: string, token?: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return fetch(`${served.url}${path}`, { ...init, headers });
  };
  return { workplace, ...served, ask };
}

const post = (body: string, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});

describe('without a token that holds', () => {
  test.each(VERB_NAMES)('%s is refused alike, and reveals nothing', async (name) => {
    const { workplace, url, tokenFor, ask } = await open();
    const { method, path } = VERBS[name];
    const revoked = await tokenFor(ADMIN);
    await workplace.store.tokens.revoke('ada', workplace.now());
    const target = `/api/v1${path.replace(/\{\w+\}/g, 'r-0001')}`;
    const answers = [];
    for (const token of [undefined, '', 'x', 'stint_', revoked, `${revoked}x`]) {
      const response = await ask(target, token, method === 'GET' ? {} : { ...post('{}'), method });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      answers.push(await response.text());
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toContain(url);
  });

  test('health, readiness, metrics and the description are there', async () => {
    const { ask, workplace } = await open();
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/metrics'])
      expect(`${path} ${(await ask(path)).status}`).toBe(`${path} 200`);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toContain('stint_runs{state="stopped"} 29');
    expect(metrics).toContain('stint_runs{state="queued"} 1');
    await workplace.store.close();
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(500);
  });
});

test('a role does what it may and no more, and each change leaves a line', async () => {
  const { ask, tokenFor, audited } = await open();
  const [viewer, admin] = [await tokenFor(VIEWER), await tokenFor(ADMIN)];
  expect((await ask('/api/v1/runs?limit=2', viewer)).status).toBe(200);
  const cancel = post(JSON.stringify({ runs: ['r-0000'] }));
  const refused = await ask('/api/v1/runs/cancel', viewer, cancel);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    type: 'urn:stint:error:not-allowed',
    status: 403,
    problems: [{ code: 'not-allowed', what: '"vera" is a viewer, and this takes an operator' }],
  });
  expect((await ask('/api/v1/runs/cancel', admin, cancel)).status).toBe(200);
  expect(audited.map(({ caller, verb, status }) => [caller, verb, status])).toEqual([
    ['vera', 'cancelRuns', 403],
    ['ada', 'cancelRuns', 200],
  ]);
});

test('a token that has expired or was revoked holds no more, from the next request on', async () => {
  const { workplace, ask, tokenFor } = await open();
  const admin = await tokenFor(ADMIN);
  const made = await ask('/api/v1/tokens', admin, post(JSON.stringify({ name: 'ben', days: 1 })));
  const { token } = (await made.json()) as { readonly token: string };
  expect((await ask('/api/v1/runs', token)).status).toBe(200);
  expect((await ask('/api/v1/tokens/ben/revoke', admin, post('{}'))).status).toBe(200);
  expect((await ask('/api/v1/runs', token)).status).toBe(401);
  const stored = JSON.stringify(await workplace.store.tokens.list());
  expect(stored).not.toContain(token.slice(6));
});

test.each([
  ['a field that is not there', '/api/v1/runs?limitt=3', {}, ['unknown-field', 'limitt', 'did you mean']],
  ['a number that is none', '/api/v1/runs?limit=many', {}, ['wrong-field', 'limit']],
  ['too many rows', '/api/v1/runs?limit=1001', {}, ['wrong-field', 'limit']],
  ['a field twice', '/api/v1/runs?limit=1&limit=2', {}, ['wrong-field', 'limit']],
  ['no JSON', '/api/v1/runs/cancel', post('{'), ['wrong-request']],
  ['a list', '/api/v1/runs/cancel', post('[]'), ['wrong-request']],
  ['another type', '/api/v1/runs/cancel', post('runs=1', 'text/plain'), ['wrong-request']],
  ['a null byte', '/api/v1/runs/%00', {}, ['no-such-run']],
  ['an escape that is none', '/api/v1/runs/%zz', {}, ['wrong-request']],
  ['nothing of the kind', '/api/v1/moons', {}, ['no-such-route']],
  ['a wrong method', '/api/v1/runs', { method: 'DELETE' }, ['no-such-route']],
  ['a newer contract', '/api/v1/runs', { headers: { 'stint-contract': '2' } }, ['server-newer', '\\"2\\"']],
])('%s is a problem with a name, and no fault of ours', async (_, path, init, expected) => {
  const { ask, tokenFor, defects } = await open();
  const response = await ask(path, await tokenFor(ADMIN), init);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  const text = await response.text();
  for (const part of expected) expect(text).toContain(part);
  expect(defects).toEqual([]);
});

test('of who is not known nothing is read: neither a body that is too large nor one that is none', async () => {
  const { ask } = await open();
  for (const body of ['{', JSON.stringify({ runs: ['x'.repeat(2 ** 21)] })])
    expect((await ask('/api/v1/runs/cancel', 'x', post(body))).status).toBe(401);
  expect((await ask('/api/v1/runs/cancel', 'x', post('runs=1', 'text/plain'))).status).toBe(401);
});

test('a body that is too large is refused before it is read', async () => {
  const { ask, tokenFor } = await open();
  const response = await ask(
    '/api/v1/runs/cancel',
    await tokenFor(ADMIN),
    post(JSON.stringify({ runs: ['x'.repeat(2 ** 21)] })),
  );
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('wrong-request');
});

test('a request that is no HTTP gets no answer of ours, and the server goes on', async () => {
  const { url, ask } = await open();
  const { port } = new URL(url);
  await new Promise<void>((resolve) => {
    const broken = request({ port, path: '/x', headers: { 'content-length': '5' } }, (response) =>
      response.resume().on('end', resolve),
    );
    broken.on('error', () => resolve());
    broken.end('ab');
    broken.destroy();
  });
  expect((await ask('/healthz')).status).toBe(200);
});

test('a fault of ours is told with a reference, and not what it was', async () => {
  const workplace = await workplaceOfTests();
  const broken = {
    listRuns: () => Promise.reject(new TypeError('secret is not a function')),
  } as unknown as Stint;
  const { url, tokenFor, defects } = await serveWorkplace({ ...workplace, stintFor: () => broken });
  const response = await fetch(`${url}/api/v1/runs`, {
    headers: { authorization: `Bearer ${await tokenFor(VIEWER)}` },
  });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toContain('"code":"defect"');
  expect(text).not.toContain('secret');
  expect(defects).toHaveLength(1);
});

test('what a request says or leaves out is judged as the description has it', async () => {
  const { ask, tokenFor, defects } = await open();
  const admin = await tokenFor(ADMIN);
  const verify = async (init: RequestInit) => (await ask('/api/v1/ledger/verify', admin, init)).status;
  expect(await verify({ method: 'POST' })).toBe(200);
  expect(await verify(post('{}'))).toBe(200);
  expect(await verify(post('null'))).toBe(400);
  // A file is sent as octets, and one without any is the empty one, which has another digest.
  const empty = await ask(`/api/v1/files/sha256:${'0'.repeat(64)}`, admin, { method: 'PUT' });
  expect(empty.status).toBe(409);
  const wrong = (await (await ask('/api/v1/costs?by=colour', admin)).json()) as {
    readonly problems: object[];
  };
  expect(wrong.problems).toMatchObject([{ where: 'by', what: 'by is "colour"' }]);
  const told = (await (await ask('/api/v1/runs?open=', admin)).json()) as { readonly problems: object[] };
  expect(told.problems).toMatchObject([{ where: 'open', what: 'open is ""' }]);
  expect(defects).toEqual([]);
});

describe('a token of one run', () => {
  const report = (init: object = {}) =>
    post(JSON.stringify({ trainerStatus: { progressPercentage: 40, ...init }, sentBy: 'a newer callback' }));

  test('reports for it, and for no other', async () => {
    const { ask, workplace, audited } = await open();
    const { token } = await createToken(workplace, { name: 'r-0001-trainer', role: 'admin', run: 'r-0001' });
    const metrics = [{ name: 'loss', value: '1.93' }];
    const told = await ask(
      '/api/v1/runs/r-0001/trainer-status',
      token,
      report({ metrics, estimatedRemainingSeconds: 7 }),
    );
    expect([told.status, await told.json()]).toMatchObject([200, { run: 'r-0001' }]);
    expect((await ask('/api/v1/runs/r-0002/trainer-status', token, report())).status).toBe(403);
    expect(
      (await ask('/api/v1/runs/r-0001/trainer-status', token, report({ progressPercentage: 101 }))).status,
    ).toBe(400);
    expect(await workplace.store.reports.find('r-0002')).toBeNull();
    // It says so every few seconds.
    expect(audited.map(({ status }) => status)).toEqual([403, 400]);
    const { tokens } = await localStint(workplace, siteOfTests()).listTokens({});
    expect(tokens).toMatchObject([{ name: 'r-0001-trainer', role: 'viewer', run: 'r-0001' }]);
    const { reported } = await localStint(workplace, siteOfTests()).getRun({ run: 'r-0001' });
    expect(reported).toMatchObject({ progressPercentage: 40, estimatedRemainingSeconds: 7, metrics });
  });

  test('does nothing else', async () => {
    const { ask, workplace } = await open();
    const { token } = await createToken(workplace, { name: 'trainer', role: 'admin', run: 'r-0001' });
    const targets = [
      ...VERB_NAMES.filter((name) => name !== 'reportStatus').map((name) => VERBS[name]),
      ...Object.values(STREAMS).map(({ path }) => ({ method: 'GET', path })),
    ];
    for (const { method, path } of targets) {
      const init = method === 'GET' ? {} : { ...post('{}'), method };
      const { status } = await ask(`/api/v1${path.replace(/\{\w+\}/g, 'r-0001')}`, token, init);
      expect([method, path, status]).toEqual([method, path, 403]);
    }
    const file = { method: 'PUT', body: 'x', headers: { 'content-type': 'application/octet-stream' } };
    expect((await ask(`/api/v1/files/sha256:${'0'.repeat(64)}`, token, file)).status).toBe(403);
  });

  test('a viewer does not report, and a run that is not there has no token', async () => {
    const { ask, tokenFor, workplace } = await open();
    const viewer = await tokenFor(VIEWER);
    expect((await ask('/api/v1/runs/r-0001/trainer-status', viewer, report())).status).toBe(403);
    const none = createToken(workplace, { name: 'nobody', role: 'viewer', run: 'r-9' });
    await expect(none).rejects.toMatchObject({ code: 'no-such-run' });
  });
});
