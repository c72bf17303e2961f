import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { apiClient } from '../../cluster/kubernetes/api/client.ts';
import { listAll } from '../../cluster/kubernetes/api/list-all.ts';
import { look } from '../../cluster/kubernetes/api/look.ts';
import { httpServer } from './http-server.ts';

const PAGE = '<!DOCTYPE html>\n<html><title>Sign in</title></html>';
const { signal } = new AbortController();

async function asked(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  const { client } = await httpServer((_, response) => response.writeHead(status, headers).end(body));
  return look(client, { path: '/api/v1/namespaces/n/pods/p', signal }, (answer) => answer);
}

describe('what is no API server', () => {
  const pages = [200, 302, 400, 403, 404, 409, 410, 429, 502].map((status): [number, string] => [
    status,
    PAGE,
  ]);
  it.each<[number, string]>([
    ...pages,
    [200, '{}'],
    [200, '[]'],
    [200, 'null'],
    [200, ''],
    [200, 'default backend - 200'],
    [200, '{"items": []}'],
    [404, '{"error":"no such route"}'],
    [403, '{"type":"error","status":"403","message":"forbidden"}'],
    [404, '{"kind":"Error","id":"404"}'],
  ])('says nothing of an object: status %i, %s', async (status, body) => {
    const found = await asked(status, body);
    expect(found).toMatchObject({ is: 'unknown' });
    expect(found).toMatchObject({
      why: expect.stringContaining(`no Kubernetes API server: HTTP status ${status}`),
    });
    expect(found).toMatchObject({ todo: expect.stringContaining('kubectl get --raw /readyz') });
  });

  it('has no list that is empty', async () => {
    const { client } = await httpServer((_, response) => response.end('{"message":"log in"}'));
    const found = await listAll(client, { path: '/api/v1/pods', signal }, (item) => item);
    expect(found).toMatchObject({ is: 'unknown', why: expect.stringContaining('"{"message":"log in"}"') });
  });

  it('is told with where it sends to', async () => {
    expect(await asked(302, '', { location: 'https://login.example/' })).toMatchObject({
      why: expect.stringContaining('HTTP status 302 to https://login.example/, nothing'),
    });
  });

  it('may pass, and is asked again', async () => {
    let times = 0;
    const { client } = await httpServer((_, response) => {
      times += 1;
      response.end(times < 3 ? PAGE : '{"kind":"Pod"}');
    });
    expect(await look(client, { path: '/api/v1/p', signal }, ({ kind }) => kind)).toEqual({
      is: 'there',
      value: 'Pod',
    });
  });
});

test('a proxy that nobody answers at is named, without its password', async () => {
  const load = () => {
    const config = new KubeConfig();
    const cluster = { name: 'c', server: 'http://kube.example', skipTLSVerify: true };
    config.loadFromClusterAndUser(
      { ...cluster, proxyUrl: 'http://ann:secret@127.0.0.1:1' },
      { name: 'nobody' },
    );
    return config;
  };
  const client = apiClient(load, { pace: { shortestMs: 1, longestMs: 5 } });
  expect(await look(client, { path: '/', signal }, () => 1)).toMatchObject({
    why: expect.stringMatching(
      /^the API server http:\/\/kube.example did not answer through the proxy http:\/\/127.0.0.1:1: /,
    ),
  });
});

describe('an API server', () => {
  it.each([
    [404, '404 page not found\n', { is: 'absent' }],
    [
      404,
      '{"kind":"Status","message":"pods \\"p\\" not found","reason":"NotFound","code":404}',
      { is: 'absent' },
    ],
    [403, '{"kind":"Status","reason":"Forbidden","code":403}', { is: 'forbidden' }],
    [200, '{"kind":"Pod"}', { is: 'there' }],
    [200, '{"gitVersion":"v1.36.3"}', { is: 'there' }],
    [400, 'Client sent an HTTP request to an HTTPS server.\n', { is: 'unknown', why: /speaks TLS only/ }],
  ])('is believed: status %i, %s', async (status, body, wanted) => {
    const { why, ...rest } = wanted as { is: string; why?: RegExp };
    const found = await asked(status, body);
    expect(found).toMatchObject(rest);
    if (why) expect(found).toMatchObject({ why: expect.stringMatching(why) });
  });

  it.each(['{"type":"error","status":"401","message":"must authenticate"}', PAGE])(
    'or what logs in for it does not take the credentials: %s',
    async (body) => {
      expect(await asked(401, body)).toMatchObject({
        why: expect.stringContaining('does not accept these credentials'),
      });
    },
  );

  it('that does not speak TLS is told so, without the words of a library', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const load = () => {
      const config = new KubeConfig();
      config.loadFromClusterAndUser(
        { name: 'c', server: `https://127.0.0.1:${port}`, skipTLSVerify: true },
        { name: 'nobody' },
      );
      return config;
    };
    const found = await look(
      apiClient(load, { pace: { shortestMs: 1, longestMs: 5 } }),
      { path: '/', signal },
      () => 1,
    );
    expect(found).toMatchObject({
      is: 'unknown',
      why: `the API server https://127.0.0.1:${port} did not answer: what answers there does not speak TLS`,
    });
  });
});
