import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serverEvents } from '../../orchestrator/client/event-source.ts';
import { remoteFollow, remoteLogs } from '../../orchestrator/client/remote-streams.ts';
import type { LogLine } from '../../orchestrator/contract/streams.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Progress } from '../../orchestrator/run/progress.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';
import { serveWorkplace } from './serve-workplace.ts';

const { signal } = new AbortController();
const VIEWER = { name: 'vera', role: 'viewer', team: 'red' } as const;

async function open(parts: Partial<Workplace> = {}) {
  const workplace = {
    ...(await workplaceOfTests()),
    sleep: (milliseconds: number) =>
      new Promise<void>((resolve) => void setTimeout(resolve, Math.min(milliseconds, 20))),
    ...parts,
  };
  const served = await serveWorkplace(workplace);
  const token = await served.tokenFor(VIEWER);
  return { workplace, ...served, at: { url: served.url, token, signal } };
}

test('a run is followed to its end: its states from the store, what it does meanwhile from who attends it', async () => {
  const { workplace, hub, at } = await open();
  const seen: Progress[] = [];
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const followed = remoteFollow(at)('r-0000', {
    signal,
    onProgress: (progress) => {
      seen.push(progress);
      resolve();
    },
  });
  await begun;
  hub.publish({ kind: 'warning', run: 'r-0000', message: 'careful' });
  hub.publish({ kind: 'warning', run: 'r-0002', message: 'of another run' });
  await workplace.store.runs.append('r-0000', 0, workplace.now(), [{ type: 'stopped', message: 'by hand' }]);
  expect(await followed).toEqual({ kind: 'stopped', message: 'by hand' });
  expect(seen.map(({ kind }) => kind)).toEqual(['state', 'warning', 'state']);
});

test('who may not see a run is answered as if it were not there, before anything is sent', async () => {
  const { at, url } = await open();
  await expect(remoteFollow(at)('r-0001', { signal, onProgress: () => undefined })).rejects.toMatchObject({
    code: 'no-such-run',
  });
  const bare = await fetch(`${url}/api/v1/runs/r-0000/progress`);
  expect(bare.status).toBe(401);
  expect(bare.headers.get('content-type')).toContain('application/problem+json');
});

const LINES: readonly LogLine[] = Array.from({ length: 5 }, (_, index) => ({
  name: index % 2 === 0 ? 'train-a1-0' : 'train-a1-1',
  pod: `p${index % 2}`,
  at: index,
  text: `line ${index}\nof several`,
}));

/** Kept logs of a run whose cluster has let everything go. */
const KEPT: Partial<Workplace> = {
  clusterFor: async () =>
    ({
      outlives: false,
      watch: async function* () {
        yield { pods: [], jobs: [] };
      },
    }) as unknown as Cluster,
  keptLogs: {
    open: () => Promise.reject(new Error('nothing is kept here')),
    of: async () =>
      ['train-a1-0', 'train-a1-1'].map((name, uid) => ({
        uid: `p${uid}`,
        name,
        since: uid,
        lines: async function* () {
          yield* LINES.filter((line) => line.name === name);
        },
      })),
  },
};

test('lines come as they were printed, and after what is known those that are not', async () => {
  const { at } = await open(KEPT);
  const lines: LogLine[] = [];
  const query = {
    follow: true,
    signal,
    onLine: (line: LogLine) => void lines.push(line),
    onNote: () => undefined,
  };
  expect(await remoteLogs(at)('r-0002', query)).toMatchObject({ kind: 'stopped' });
  expect(lines.map(({ text }) => text)).toEqual([0, 2, 4, 1, 3].map((index) => `line ${index}\nof several`));
  const again = await fetch(`${at.url}/api/v1/runs/r-0002/logs?follow=true`, {
    headers: { authorization: `Bearer ${at.token}`, 'last-event-id': 'train-a1-0:2,train-a1-1:1' },
  });
  const text = await again.text();
  expect(text.match(/^id: .*$/gm)).toEqual(['id: train-a1-0:3', 'id: train-a1-1:2']);
  const wrong = await fetch(`${at.url}/api/v1/runs/r-0002/logs?stage=trian`, {
    headers: { authorization: `Bearer ${at.token}` },
  });
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { problems: [{ code: 'wrong-option' }] }]);
});

/** Sends events one by one, and breaks off after each. */
async function breaking(
  events: readonly string[],
): Promise<{ url: string; asked: (string | undefined)[]; server: Server }> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response: ServerResponse) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'stint-contract': '1' });
    const event = events[asked.length - 1] ?? '';
    response.write(event, () => (event.includes('end') ? response.end() : response.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

async function dataFrom(url: string): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  for await (const { data } of serverEvents({ url, token: 'x', signal }, '/x', signal)) heard.push(data);
  return heard;
}

test('where a connection breaks it goes on after the last ids, of each pod its own', async () => {
  const { url, asked } = await breaking([
    'id: a:1\nevent: line\ndata: 1\n\nid: b:4\nevent: line\ndata: 2\n\n',
    'id: a:2\nevent: line\ndata: 3\n\n',
    'event: end\ndata: {"state":null}\n\n',
  ]);
  expect(await dataFrom(url)).toEqual([1, 2, 3, { state: null }]);
  expect(asked).toEqual([undefined, 'a:1,b:4', 'a:2,b:4']);
});

test('a server that dies before its first event is asked again, and nobody at all is not', async () => {
  const { url, asked } = await breaking([
    '',
    'id: a:1\nevent: line\ndata: 1\n\n',
    'event: end\ndata: null\n\n',
  ]);
  expect(await dataFrom(url)).toEqual([1, null]);
  expect(asked).toEqual([undefined, undefined, 'a:1']);
  await expect(dataFrom('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'server-unreachable' });
});
