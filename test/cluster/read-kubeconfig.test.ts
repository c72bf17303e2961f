import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { apiClient } from '../../cluster/kubernetes/api/client.ts';
import { askPlugin } from '../../cluster/kubernetes/api/credential-plugin.ts';
import { loadConfig } from '../../cluster/kubernetes/api/load-config.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const SERVER = 'https://east.example.com';
const AUTHORITY = rootCertificates[0] ?? '';

interface Written {
  readonly cluster?: object;
  readonly user?: object | null;
  readonly more?: object;
}

/** A kubeconfig whose current context is `east`, beside what else stands in it. */
function written({ cluster = {}, user = {}, more = {} }: Written, folder = temporaryFolder()): string {
  const file = join(folder, 'config');
  const content = {
    clusters: [{ name: 'east', cluster: { server: SERVER, ...cluster } }],
    users: user === null ? null : [{ name: 'ann', user }],
    contexts: [{ name: 'east', context: { cluster: 'east', ...(user !== null && { user: 'ann' }) } }],
    'current-context': 'east',
  };
  writeFileSync(file, stringify({ ...content, ...more }));
  return file;
}

const load = (KUBECONFIG: string, context?: string) => loadConfig(context, { KUBECONFIG });

/** The headers that a request comes with. */
async function asked(user: object, folder?: string): Promise<NodeJS.Dict<string[]>> {
  const heard: NodeJS.Dict<string[]>[] = [];
  const server = createServer(((request, response) => {
    heard.push(request.headersDistinct);
    response.setHeader('content-type', 'application/json').end('{"kind":"PodList","items":[]}');
  }) satisfies RequestListener);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const file = written({ cluster: { server: `http://127.0.0.1:${port}` }, user }, folder);
  await apiClient(() => load(file)).json({ path: '/api/v1/pods', signal: AbortSignal.timeout(5_000) });
  return heard[0] ?? {};
}

describe('whoever a kubeconfig acts as', () => {
  test('is told the server whole: user, uid, groups and what else is known of them', async () => {
    const headers = await asked({
      as: 'ann',
      'as-uid': '42',
      'as-groups': ['trainers', 'people'],
      'as-user-extra': { 'example.com/Scope': ['one', 'two'] },
    });
    expect(headers).toMatchObject({
      'impersonate-user': ['ann'],
      'impersonate-uid': ['42'],
      'impersonate-group': ['trainers', 'people'],
      'impersonate-extra-example.com%2fscope': ['one', 'two'],
    });
  });

  test('is nobody where nobody is named', async () => {
    const headers = await asked({ token: 'abc' });
    expect(Object.keys(headers).filter((name) => name.startsWith('impersonate'))).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['groups of nobody', { 'as-groups': ['trainers'] }, /^as of the user "ann" is not there/],
    [
      'a text in the place of groups',
      { as: 'ann', 'as-groups': 'trainers' },
      /: as-groups of the user "ann" is/,
    ],
    ['a name that no header carries', { as: 'a\nb' }, /^as of the user "ann" holds a line break/],
  ])('is refused by its name: %s', (_, user, what) => {
    expect(() => load(written({ user }))).toThrow(what);
  });
});

describe('a token in a file', () => {
  test.each<[string, string, object, string]>([
    ['may end with a line break', 'fresh\n', {}, 'Bearer fresh'],
    ['counts before one that was written once', 'fresh', { token: 'old' }, 'Bearer fresh'],
  ])('%s', async (_, text, user, header) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'token'), text);
    expect((await asked({ ...user, tokenFile: 'token' }, folder))['authorization']).toEqual([header]);
  });

  test('that is not there leaves the one that stands beside it', async () => {
    const headers = await asked({ token: 'old', tokenFile: 'gone' });
    expect(headers['authorization']).toEqual(['Bearer old']);
  });
});

test('what a kubeconfig holds itself counts before a file that it names', () => {
  const data = Buffer.from(AUTHORITY).toString('base64');
  const file = written({ cluster: { 'certificate-authority': 'gone', 'certificate-authority-data': data } });
  const cluster = load(file).getCurrentCluster();
  expect(cluster).toMatchObject({ caData: data });
  expect(cluster?.caFile).toBeUndefined();
});

test('what a cluster says of TLS holds where its context names no user', async () => {
  const data = Buffer.from(AUTHORITY).toString('base64');
  const cluster = { 'certificate-authority-data': data, 'tls-server-name': 'inner.example.com' };
  const options: RequestOptions = {};
  await load(written({ cluster, user: null })).applyToHTTPSOptions(options);
  expect(String(options.ca)).toBe(AUTHORITY);
  expect(options.servername).toBe('inner.example.com');
});

describe('entries that nobody asks for', () => {
  const more = {
    clusters: [
      { name: 'east', cluster: { server: SERVER } },
      { name: 'bare', cluster: {} },
    ],
    contexts: [
      { name: 'east', context: { cluster: 'east', user: 'ann' } },
      { name: 'dev', context: { cluster: '', namespace: 'dev', user: '' } },
      { name: 'bare', context: { cluster: 'bare', user: 'ann' } },
    ],
  };

  test('trouble nobody, as `kubectl config set-context` leaves them', () => {
    expect(load(written({ more })).getCurrentCluster()?.server).toBe(SERVER);
  });

  test.each([
    ['dev', /^the context "dev" of the kubeconfig names no cluster$/],
    ['bare', /^the context "bare" names the cluster "bare", which has no server in the kubeconfig$/],
  ])('are told by what they lack where they are asked for: %s', (context, what) => {
    expect(() => load(written({ more }), context)).toThrow(what);
  });
});

test('an empty file among those of KUBECONFIG is passed over', () => {
  const empty = join(temporaryFolder(), 'empty');
  writeFileSync(empty, '');
  expect(load(`${empty}:${written({})}`).getCurrentCluster()?.server).toBe(SERVER);
  expect(() => load(empty)).toThrow(/there is no kubeconfig/);
});

test('a plugin that wants to know of its cluster is told certificates that lie in a file', async () => {
  const folder = temporaryFolder();
  const caFile = join(folder, 'ca.crt');
  writeFileSync(caFile, AUTHORITY);
  const token = 'JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster["certificate-authority-data"]';
  const given = await askPlugin(
    {
      command: process.execPath,
      args: ['-e', `console.log(JSON.stringify({ kind: "ExecCredential", status: { token: ${token} } }))`],
      provideClusterInfo: true,
    },
    { name: 'east', server: SERVER, skipTLSVerify: false, caFile },
    { signal: AbortSignal.timeout(5_000), tell: () => undefined, isInteractive: false },
  );
  expect(given.token).toBe(Buffer.from(AUTHORITY).toString('base64'));
});
