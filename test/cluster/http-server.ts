import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';
import { type ApiClient, apiClient } from '../../cluster/kubernetes/api/client.ts';

export type Answer = (response: ServerResponse, query: URLSearchParams) => void | Promise<void>;

/** A server that speaks the bytes it is told to, on the loopback interface; gone when the test is. */
export async function httpServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const load = (): KubeConfig => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'here', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
      { name: 'nobody' },
    );
    return config;
  };
  const client: ApiClient = apiClient(load, { pace: { shortestMs: 1, longestMs: 5 } });
  return { client, load, url: `http://127.0.0.1:${port}` };
}

/** Lists are answered by the first, watches by the others in turn, the last one again and again. */
export async function watchServer(list: Answer, ...watches: readonly Answer[]) {
  const asked: URLSearchParams[] = [];
  let place = 0;
  const { client } = await httpServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://server').searchParams;
    asked.push(query);
    const isWatch = query.get('watch') === 'true';
    const answer = isWatch ? watches[Math.min(place++, watches.length - 1)] : list;
    void answer?.(response, query);
  });
  return { client, asked };
}

export const json =
  (body: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };

export const listOf = (version: string, ...names: readonly string[]): Answer =>
  json({
    kind: 'List',
    metadata: { resourceVersion: version },
    items: names.map((name) => item(name, version)),
  });

export const item = (name: string, resourceVersion: string) => ({
  metadata: { uid: `uid-${name}`, name, resourceVersion },
});

export const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

/** Lines, and then the end that is wanted. */
export const lines =
  (end: 'close' | 'reset' | 'stay', ...text: readonly string[]): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const each of text) response.write(each);
    if (end === 'close') response.end();
    if (end === 'reset') setTimeout(() => response.destroy(), 20);
  };
