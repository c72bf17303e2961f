import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { HttpMethod, RequestContext } from '@kubernetes/client-node';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../cluster/kubernetes/api/load-config.ts';
import { proxyFor } from '../../cluster/kubernetes/api/proxy-for.ts';
import { readInventory } from '../../cluster/kubernetes/inspect/read-inventory.ts';
import type { StintError } from '../../orchestrator/errors/stint-error.ts';
import { temporaryFolder } from '../store/fixtures.ts';

interface Entries {
  readonly clusters?: Readonly<Record<string, object>>;
  readonly users?: Readonly<Record<string, object>>;
  readonly contexts?: Readonly<Record<string, { readonly cluster: string; readonly user: string }>>;
  readonly current?: string;
}

function kubeconfig(folder: string, name: string, { clusters, users, contexts, current }: Entries): string {
  const list = (key: string, entries: Readonly<Record<string, object>> = {}) =>
    Object.entries(entries).map(([each, value]) => ({ name: each, [key]: value }));
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(
    file,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: list('cluster', clusters),
      users: list('user', users),
      contexts: list('context', contexts),
      ...(current !== undefined && { 'current-context': current }),
    }),
  );
  return file;
}

const folder = mkdtempSync(join(tmpdir(), 'stint-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const one = kubeconfig(folder, 'one', {
  clusters: { east: { server: 'https://east.example.com' } },
  users: { ann: { token: 'first' } },
  contexts: { east: { cluster: 'east', user: 'ann' } },
  current: 'east',
});
const two = kubeconfig(folder, 'deeper/two', {
  clusters: {
    west: { server: 'https://west.example.com', 'certificate-authority': 'ca.crt' },
    east: { server: 'https://other.example.com' },
  },
  users: { ann: { token: 'second' }, bob: { exec: { command: './login', apiVersion: 'v1' } } },
  contexts: { west: { cluster: 'west', user: 'bob' } },
  current: 'west',
});
writeFileSync(join(folder, 'deeper', 'ca.crt'), rootCertificates[0] ?? '');
const stale = kubeconfig(folder, 'stale', { current: 'gone' });
const undecided = kubeconfig(folder, 'undecided', {});
const dangling = kubeconfig(folder, 'dangling', {
  clusters: { east: { server: 'https://east.example.com' } },
  contexts: { a: { cluster: 'none', user: '' }, b: { cluster: 'east', user: 'nobody' } },
  current: 'a',
});
const broken = join(folder, 'broken');
writeFileSync(broken, 'clusters: [');

const load = (KUBECONFIG: string, context?: string) => {
  const config = loadConfig(context, { KUBECONFIG, HOME: folder });
  return { config, server: config.getCurrentCluster()?.server, user: config.getCurrentUser() };
};
const problemOf = (KUBECONFIG: string, context?: string) => {
  try {
    load(KUBECONFIG, context);
  } catch (error) {
    return (error as StintError).problems[0];
  }
  return undefined;
};

describe('of the files of KUBECONFIG, as kubectl reads them', () => {
  test.each<[string, string, string | undefined, string, string | undefined]>([
    ['the one there is', one, undefined, 'https://east.example.com', 'first'],
    [
      'the first current context, and of a name twice the first',
      `${one}:${two}`,
      undefined,
      'https://east.example.com',
      'first',
    ],
    ['in the other order the other one', `${two}:${one}`, 'east', 'https://other.example.com', 'second'],
    [
      'a file that is not there is passed over',
      `${folder}/none:${one}`,
      undefined,
      'https://east.example.com',
      'first',
    ],
    ['nothing between two colons is nothing', `::${one}:`, undefined, 'https://east.example.com', 'first'],
    ['a file named twice counts once', `${one}:${one}`, undefined, 'https://east.example.com', 'first'],
    [
      'a current context comes from whichever file has one',
      `${undecided}:${one}`,
      undefined,
      'https://east.example.com',
      'first',
    ],
    [
      'the profile’s context before the current one',
      `${one}:${two}`,
      'west',
      'https://west.example.com',
      undefined,
    ],
  ])('%s', (_, files, context, server, token) => {
    const found = load(files, context);
    expect([found.server, found.user?.token]).toEqual([server, token]);
  });

  test('relative paths start from the folder of their own file, those of credential plugins as well', () => {
    const { config, user } = load(`${one}:${two}`, 'west');
    expect(config.getCurrentCluster()?.caFile).toBe(join(folder, 'deeper', 'ca.crt'));
    expect(user?.exec).toHaveProperty('command', join(folder, 'deeper', 'login'));
  });

  test('without KUBECONFIG it is ~/.kube/config', () => {
    const home = temporaryFolder();
    kubeconfig(home, '.kube/config', {
      clusters: { home: { server: 'https://home.example.com' } },
      contexts: { home: { cluster: 'home', user: '' } },
      current: 'home',
    });
    expect(loadConfig(undefined, { HOME: home }).getCurrentCluster()?.server).toBe(
      'https://home.example.com',
    );
  });

  test.each<[string, string, string | undefined, string, RegExp]>([
    ['no file at all', `${folder}/none`, undefined, 'no-kubeconfig', /there is no kubeconfig/],
    ['a file that is none', broken, undefined, 'kubeconfig-unusable', /broken cannot be read/],
    ['no current context', undecided, undefined, 'no-kubeconfig', /no current context/],
    [
      'a current context that is gone',
      `${stale}:${one}`,
      undefined,
      'no-such-context',
      /"gone", which it names as the current one/,
    ],
    ['a context of the profile that is not there', one, 'west', 'no-such-context', /no context "west"$/],
    ['a context whose cluster is gone', dangling, undefined, 'no-such-context', /names the cluster "none"/],
    ['a context whose user is gone', dangling, 'b', 'no-such-context', /names the user "nobody"/],
  ])('is refused, and named: %s', (_, files, context, code, what) => {
    expect(problemOf(files, context)).toMatchObject({
      code,
      what: expect.stringMatching(what) as string,
    });
  });
});

/** One context whose cluster and user are these. */
function withEntries(cluster: object, user: object = {}): string {
  return kubeconfig(temporaryFolder(), 'config', {
    clusters: { east: { server: 'https://east.example.com', ...cluster } },
    users: { ann: user },
    contexts: { east: { cluster: 'east', user: 'ann' } },
    current: 'east',
  });
}

describe('what no connection can be made with', () => {
  const certificate = Buffer.from(rootCertificates[0] ?? '').toString('base64');
  const noPem = Buffer.from('no PEM').toString('base64');
  test.each<[string, object, object, RegExp]>([
    [
      'an address without its scheme',
      { server: '127.0.0.1:6443' },
      {},
      /^server of the cluster "east" is "127/,
    ],
    ['an address that is none', { server: 'https://east:99999' }, {}, /^server of the cluster/],
    [
      'a proxy that is none',
      { 'proxy-url': 'proxy:3128' },
      {},
      /^proxy-url of the cluster "east" is "proxy:3128"/,
    ],
    [
      'an authority that is not there',
      { 'certificate-authority': 'ca' },
      {},
      /certificate-authority \(.*ca\) of .* is not there$/,
    ],
    ['an authority that is a folder', { 'certificate-authority': '/' }, {}, /cannot be read$/],
    [
      'an authority that is not PEM',
      { 'certificate-authority-data': noPem },
      {},
      /^certificate-authority-data of .* holds no certificate in PEM$/,
    ],
    [
      'a certificate without its key',
      {},
      { 'client-certificate-data': certificate },
      /stand one without the other$/,
    ],
    [
      'a certificate that is not PEM',
      {},
      { 'client-certificate-data': noPem, 'client-key-data': noPem },
      /^client-certificate-data of the user "ann" holds no certificate/,
    ],
    [
      'a key that is not PEM',
      {},
      { 'client-certificate-data': certificate, 'client-key-data': noPem },
      /^client-key-data of the user "ann" holds no private key/,
    ],
    [
      'a token’s file that is not there',
      {},
      { tokenFile: 'token' },
      /^tokenFile \(.*token\) of the user "ann" is not there$/,
    ],
    ['a token’s file without a token', {}, { tokenFile: '/dev/null' }, /holds no token$/],
    ['a token over two lines', {}, { token: 'abc\ndef' }, /^token of the user "ann" holds a line break/],
    [
      'a proxy with a password',
      { 'proxy-url': 'ftp://ann:secret@proxy' },
      {},
      /^proxy-url of the cluster "east" is "ftp:\/\/proxy"/,
    ],
    [
      'a provider of another time',
      {},
      { 'auth-provider': { name: 'gcp' } },
      /^auth-provider of the user "ann" has no config/,
    ],
  ])('is refused by the name of its entry: %s', (_, cluster, user, what) => {
    const file = withEntries(cluster, user);
    expect(problemOf(file)).toMatchObject({
      code: 'kubeconfig-unusable',
      where: file,
      what: expect.stringMatching(what) as string,
    });
  });

  test.each(['null', '[1]', 'text', 'a: [', 'users: [{name: ann, user: {exec: {command: 5}}}]'])(
    'is a file that holds %s, in no words of a program',
    (content) => {
      const file = join(temporaryFolder(), 'config');
      writeFileSync(file, content);
      const problem = problemOf(file);
      expect(problem).toMatchObject({ code: 'kubeconfig-unusable', where: file });
      expect(problem?.what).not.toMatch(/undefined|properties|function|\n/);
    },
  );

  test('a plugin that gives nothing is told as that by what lists nodes', async () => {
    const loaded = () => load(withEntries({}, { exec: { command: './none', apiVersion: 'v1' } })).config;
    const listed = readInventory({
      context: undefined,
      namespace: 'n',
      deviceResource: undefined,
      signal: AbortSignal.timeout(5_000),
      load: loaded,
    });
    await expect(listed).rejects.toMatchObject({ problems: [{ code: 'credential-plugin' }] });
  });

  test('as kubectl does, a token is read from its file, and an address without TLS is taken', async () => {
    const file = withEntries({ server: 'http://127.0.0.1:8001' }, { tokenFile: 'token' });
    writeFileSync(join(file, '..', 'token'), 'from the file');
    const request = new RequestContext('http://127.0.0.1:8001/api', HttpMethod.GET);
    await load(file).config.applySecurityAuthentication(request);
    expect(request.getHeaders()).toMatchObject({ Authorization: 'Bearer from the file' });
  });
});

describe('the proxy of the environment', () => {
  const HTTPS_PROXY = 'http://proxy.example.com:3128';
  test.each<[string, string, string | undefined]>([
    ['https://api.example.com:6443', '', HTTPS_PROXY],
    ['https://api.example.com', 'other.com', HTTPS_PROXY],
    ['https://api.example.com', 'example.com', undefined],
    ['https://api.example.com', '.example.com', undefined],
    ['https://api.example.com', '*.example.com', undefined],
    ['https://example.com', '.example.com', HTTPS_PROXY],
    ['https://notexample.com', 'example.com', HTTPS_PROXY],
    ['https://api.example.com', '*', undefined],
    ['https://api.example.com:6443', 'api.example.com:6443', undefined],
    ['https://api.example.com:6443', 'api.example.com:443', HTTPS_PROXY],
    ['https://10.1.2.3:6443', '10.0.0.0/8', undefined],
    ['https://11.1.2.3:6443', '10.0.0.0/8', HTTPS_PROXY],
    ['https://10.1.2.3:6443', 'a.b, 10.1.2.3', undefined],
    ['https://[fd00::1]:6443', 'fd00::/8', undefined],
    ['https://[fd00::1]:6443', 'fd00::1', undefined],
    ['https://127.0.0.1:6443', '', undefined],
    ['https://localhost:6443', '', undefined],
    ['http://api.example.com', '', undefined],
  ])('to %s where NO_PROXY is "%s" is %s', (server, NO_PROXY, expected) => {
    expect(proxyFor(server, { HTTPS_PROXY, NO_PROXY })).toBe(expected);
    expect(proxyFor(server, { https_proxy: HTTPS_PROXY, no_proxy: NO_PROXY })).toBe(expected);
  });

  test('is used unless the cluster names its own', () => {
    const own = kubeconfig(folder, 'own', {
      clusters: {
        a: { server: 'https://a.example.com', 'proxy-url': 'http://own.example.com' },
        b: { server: 'https://b.example.com' },
      },
      contexts: { a: { cluster: 'a', user: '' }, b: { cluster: 'b', user: '' } },
    });
    const through = (context: string) =>
      loadConfig(context, { KUBECONFIG: own, HTTPS_PROXY: 'proxy.example.com:3128' }).getCurrentCluster()
        ?.proxyUrl;
    expect(through('a')).toBe('http://own.example.com');
    expect(through('b')).toBe('http://proxy.example.com:3128');
    const none = () => loadConfig('b', { KUBECONFIG: own, HTTPS_PROXY: 'ftp://proxy.example.com' });
    expect(none).toThrow(
      /^HTTPS_PROXY or HTTP_PROXY is "ftp:\/\/proxy.example.com", and not an address of an/,
    );
  });
});
