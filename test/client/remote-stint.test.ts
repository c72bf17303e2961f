import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { remoteStint } from '../../orchestrator/client/remote-stint.ts';
import { serveWorkplace } from '../api/serve-workplace.ts';
import { stintContract } from '../operations/stint-contract.ts';

const { signal } = new AbortController();

stintContract('at a server', async (workplace, caller) => {
  // Who asks is known already: a token that were made for it would stand among those that the suite makes.
  const { url } = await serveWorkplace({ ...workplace, callerOf: async () => caller });
  return remoteStint({ url, token: 'of-the-suite', signal });
});

/** A server of something else. */
async function answering(status: number, headers: Record<string, string>, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('where nothing answers, or something else does, says so and what to look at', async () => {
  const list = (url: string) => remoteStint({ url, token: undefined, signal }).listRuns({ limit: 1 });
  await expect(list('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'server-unreachable' });
  const page = await answering(200, { 'content-type': 'text/html' }, '<html>');
  await expect(list(page)).rejects.toMatchObject({
    message: 'what answers there is no Stint server: HTTP 200, text/html',
  });
  const json = await answering(200, { 'content-type': 'application/json' }, '{}');
  await expect(list(json)).rejects.toMatchObject({ code: 'server-unreachable' });
  for (const url of ['localhost:7846', 'ftp://x', 'x'])
    expect(() => remoteStint({ url, token: undefined, signal })).toThrow('is not the address of a server');
});

test('a token is taken as it was copied, and what is none is not shown', () => {
  const reach = (token: string) => remoteStint({ url: 'http://127.0.0.1:1', token, signal });
  expect(() => reach(' stint_abc\n')).not.toThrow();
  expect(() => reach('stint_abc\nX-Secret: 1')).toThrow('holds what no token has');
});

test('an error that only a newer server knows keeps its words', async () => {
  const problem = { code: 'moon-is-full', kind: 'refused', what: 'the moon is full', todo: 'wait', extra: 1 };
  const headers = { 'content-type': 'application/problem+json', 'stint-contract': '1' };
  const url = await answering(422, headers, JSON.stringify({ problems: [problem] }));
  const asked = remoteStint({ url, token: 'x', signal }).listRuns({ limit: 1 });
  await expect(asked).rejects.toMatchObject({
    problems: [{ code: 'unknown-to-this-version', what: 'the moon is full', todo: 'wait' }],
  });
});
