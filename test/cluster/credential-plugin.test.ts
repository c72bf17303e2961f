import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { apiClient } from '../../cluster/kubernetes/api/client.ts';
import { askPlugin } from '../../cluster/kubernetes/api/credential-plugin.ts';
import { credentialsOf } from '../../cluster/kubernetes/api/credentials.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { httpServer } from './http-server.ts';

const signal = new AbortController().signal;
const never = { tell: () => undefined, isInteractive: false, signal };

/** A plugin that is this shell script, in a folder of its own. */
function script(text: string): { readonly command: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stint-plugin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = join(folder, 'log in');
  writeFileSync(command, `#!/bin/sh\ncd "$(dirname "$0")"\n${text}\n`);
  chmodSync(command, 0o755);
  return { command, folder };
}

const credential = (status: object): string =>
  JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status });
const printing = (status: object, before = ''): string =>
  `${before}\ncat <<'END'\n${credential(status)}\nEND`;

/** Each time the plugin runs it gives the next token. */
const COUNTING = `n=$(cat count 2>/dev/null || echo 0); n=$((n + 1)); echo $n > count`;
const counted = (rest = ''): string =>
  `${COUNTING}\necho '{"kind":"ExecCredential","status":{"token":"token-'$n'"${rest}}}'`;
const timesRun = (folder: string): number =>
  existsSync(join(folder, 'count')) ? Number(readFileSync(join(folder, 'count'), 'utf8')) : 0;

function configFor(exec: object, server = 'https://api.example.com'): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'here', server, skipTLSVerify: true }],
    users: [{ name: 'me', exec }],
    contexts: [{ name: 'here', cluster: 'here', user: 'me' }],
    currentContext: 'here',
  });
  return config;
}

async function problemOf(asking: Promise<unknown>) {
  const error = await asking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isStintError(error)) throw new Error(`no StintError, but ${String(error)}`);
  return error.problems[0];
}

describe('what a plugin does wrong is told as that, and not as a server that does not answer', () => {
  test.for<[string, string, RegExp]>([
    [
      'it fails',
      'echo "session expired: run corp-login" >&2; exit 3',
      /log in ended with 3: session expired/,
    ],
    ['it is killed', 'kill -9 $$', /log in ended with SIGKILL/],
    ['it prints nothing', 'true', /printed no credential/],
    ['it prints no JSON', 'echo "Welcome!"', /printed no credential/],
    ['it prints another kind', 'echo \'{"kind":"Config"}\'', /printed no credential: kind is not/],
    ['it gives nothing', printing({}), /printed no credential: status .*a token, or a certificate/],
    [
      'it gives a certificate without its key',
      printing({ clientCertificateData: 'PEM' }),
      /printed no credential: status/,
    ],
    [
      'it gives no time where one belongs',
      printing({ token: 't', expirationTimestamp: 'soon' }),
      /status.expirationTimestamp/,
    ],
    ['it gives a token over two lines', printing({ token: 'a\nb' }), /printed no credential: status.token/],
  ])('%s', async ([, text, what]) => {
    const problem = await problemOf(askPlugin({ command: script(text).command }, null, never));
    expect(problem).toMatchObject({ code: 'credential-plugin' });
    expect(problem?.what).toMatch(what);
    expect(problem?.todo).toContain('log in again');
  });

  test('one that is not there comes with the hint that the kubeconfig has for it', async () => {
    const exec = {
      command: 'corp-login-that-is-not-here',
      installHint: 'install it: brew install corp-login',
    };
    expect(await problemOf(askPlugin(exec, null, never))).toMatchObject({
      what: 'the credential plugin corp-login-that-is-not-here is not on this machine',
      todo: 'install it: brew install corp-login',
    });
  });

  test('one that may not be run is no unexpected error', async () => {
    const { command } = script('true');
    chmodSync(command, 0o644);
    expect((await problemOf(askPlugin({ command }, null, never)))?.what).toMatch(/cannot be run: .*EACCES/);
  });

  test('one that must ask somebody is not started where nobody is', async () => {
    const { command, folder } = script(counted());
    const problem = await problemOf(askPlugin({ command, interactiveMode: 'Always' }, null, never));
    expect(problem?.what).toMatch(/wants to ask somebody, and there is no terminal/);
    expect(timesRun(folder)).toBe(0);
  });
});

describe('a plugin that waits', () => {
  test('is named while it is waited for, what it says is passed on, and it is ended when its time is over', async () => {
    const { command } = script('echo "open https://login.example.com and enter ABC" >&2; sleep 60');
    const told: string[] = [];
    const times = { tellAfterMs: 100, withinMs: 700 };
    const asking = askPlugin({ command }, null, { ...never, tell: (line) => told.push(line), times });
    expect((await problemOf(asking))?.what).toMatch(/log in has not answered within 1 s/);
    expect(told).toHaveLength(2);
    expect(told).toContain(`the credential plugin ${command}: open https://login.example.com and enter ABC`);
    expect(told).toContain(`Waiting for the credential plugin ${command}, which gets the credentials.`);
  });

  test('ends with the command that wanted it', async () => {
    const abort = new AbortController();
    const asking = askPlugin({ command: script('sleep 60').command }, null, {
      ...never,
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(new Error('interrupted')), 100);
    await expect(asking).rejects.toThrow('interrupted');
  });

  test('does not keep anybody waiting by what it leaves running', async () => {
    const { command } = script(`sleep 30 &\n${printing({ token: 't' })}`);
    expect(await askPlugin({ command }, null, never)).toEqual({ token: 't' });
  }, 10_000);
});

test('a plugin learns by KUBERNETES_EXEC_INFO what kubectl would tell it', async () => {
  const { command, folder } = script(
    `printf %s "$KUBERNETES_EXEC_INFO" > info; printf %s "$AWS_PROFILE $*" > called\n${printing({ token: 't' })}`,
  );
  const exec = {
    command,
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    args: ['get-token', '--cluster', 'prod one'],
    env: [{ name: 'AWS_PROFILE', value: 'research' }],
    provideClusterInfo: true,
  };
  await askPlugin(exec, configFor(exec).getCurrentCluster(), never);
  expect(readFileSync(join(folder, 'called'), 'utf8')).toBe('research get-token --cluster prod one');
  expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    spec: {
      interactive: false,
      cluster: { server: 'https://api.example.com', 'insecure-skip-tls-verify': true },
    },
  });
});

describe('what it gives', () => {
  test('is used until it expires, and then asked for again', async () => {
    const { command, folder } = script(counted(',"expirationTimestamp":"2026-01-01T00:10:00Z"'));
    let now = Date.parse('2026-01-01T00:00:00Z');
    const current = credentialsOf(configFor({ command }), never, () => now);
    const first = await current(signal);
    expect(first.getCurrentUser()).toMatchObject({ name: 'me', token: 'token-1' });
    expect(await current(signal)).toBe(first);
    now = Date.parse('2026-01-01T00:09:55Z');
    expect((await current(signal)).getCurrentUser()?.token).toBe('token-2');
    expect(timesRun(folder)).toBe(2);
  });

  test('is asked for once by all who need it at once, and again after a failure', async () => {
    const { command, folder } = script(
      `${COUNTING}; [ $n -gt 1 ] || exit 1; sleep 0.2\n${printing({ token: 't' })}`,
    );
    const current = credentialsOf(configFor({ command }), never);
    const failed = await Promise.allSettled([current(signal), current(signal)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const configs = await Promise.all([current(signal), current(signal), current(signal)]);
    expect(new Set(configs).size).toBe(1);
    expect(timesRun(folder)).toBe(2);
  });

  test('serves who still waits when whoever asked first has given up', async () => {
    const { command } = script(printing({ token: 't' }, 'sleep 0.3'));
    const current = credentialsOf(configFor({ command }), never);
    const abort = new AbortController();
    const [first, second] = [current(abort.signal), current(signal)];
    abort.abort(new Error('given up'));
    await expect(first).rejects.toThrow('given up');
    expect((await second).getCurrentUser()?.token).toBe('t');
  });

  test.each<[string, object]>([
    ['null', { clientCertificateData: null, clientKeyData: null, expirationTimestamp: null }],
    ['empty', { clientCertificateData: '', clientKeyData: '' }],
  ])('what a plugin leaves %s it does not give', async (_, rest) => {
    const { command } = script(printing({ token: 't', ...rest }));
    const user = (await credentialsOf(configFor({ command }), never)(signal)).getCurrentUser();
    expect(user).toEqual({ name: 'me', token: 't' });
  });

  test('a certificate counts before a file that the kubeconfig names', async () => {
    const { command } = script(printing({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    const config = configFor({ command });
    config.users = config.users.map((user) => ({ ...user, certFile: 'old.crt', keyFile: 'old.key' }));
    const user = (await credentialsOf(config, never)(signal)).getCurrentUser();
    expect(user).toEqual({ name: 'me', certData: btoa('CERT'), keyData: btoa('KEY') });
  });

  test('a certificate and its key come as the kubeconfig would have them', async () => {
    const { command } = script(printing({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }));
    const config = await credentialsOf(configFor({ command }), never)(signal);
    expect(config.getCurrentUser()).toMatchObject({ certData: btoa('CERT'), keyData: btoa('KEY') });
    expect(config.getCurrentUser()).not.toHaveProperty('exec');
  });

  test('goes with every request, and a server that refuses it has the plugin asked again, once', async () => {
    const seen: string[] = [];
    const { url } = await httpServer((request: IncomingMessage, response) => {
      seen.push(request.headers.authorization ?? '');
      const accepted = request.headers.authorization === 'Bearer token-2';
      response.writeHead(accepted ? 200 : 401, { 'content-type': 'application/json' });
      response.end('{"kind":"Namespace"}');
    });
    const { command, folder } = script(counted());
    const client = apiClient(() => configFor({ command }, url));
    await client.json({ path: '/version', signal });
    await client.json({ path: '/version', signal });
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    expect(timesRun(folder)).toBe(2);
  });
});
