import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followLog } from '../../cluster/kubernetes/observe/follow-log.ts';
import { LogPlace, parseStamped } from '../../cluster/kubernetes/observe/log-place.ts';
import { httpServer } from './http-server.ts';

const PACE = { shortestMs: 1, longestMs: 5, silenceMs: 300 };
const stamp = (ms: number) => new Date(1_800_000_000_000 + ms).toISOString();
const stamped = (ms: number, text: string) => `${stamp(ms)} ${text}\n`;

const podObject = (state: object, phase = 'Running') => ({
  metadata: { uid: 'u', name: 'p', creationTimestamp: stamp(0) },
  spec: { nodeName: 'n', containers: [{ name: 'trainer' }] },
  status: { phase, containerStatuses: [{ name: 'trainer', state }] },
});
const RUNNING = podObject({ running: {} });
const ENDED = podObject({ terminated: { exitCode: 0 } }, 'Succeeded');

type LogAnswer = (response: ServerResponse, query: URLSearchParams) => void;

/** Looks at the pod are answered in turn, and so are readings of its log; the last of each again and again. */
async function podServer(looks: readonly (object | number)[], readings: readonly LogAnswer[]) {
  const asked: URLSearchParams[] = [];
  let [look, reading] = [0, 0];
  const { client } = await httpServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    if (url.pathname.endsWith('/log')) {
      asked.push(url.searchParams);
      readings[Math.min(reading++, readings.length - 1)]?.(response, url.searchParams);
      return;
    }
    const answer = looks[Math.min(look++, looks.length - 1)] ?? 404;
    const [status, body] =
      typeof answer === 'number'
        ? [answer, { kind: 'Status', code: answer, message: 'gone' }]
        : [200, { kind: 'Pod', ...answer }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  return { client, asked };
}

async function read({ client }: Awaited<ReturnType<typeof podServer>>) {
  const said: string[] = [];
  const lines: string[] = [];
  const { signal } = new AbortController();
  const followed = { path: '/pods/p', follow: true, signal, say: (what: string) => said.push(what) };
  for await (const { text } of followLog(client, followed, PACE)) lines.push(text);
  return { lines, said };
}

const whole =
  (...text: readonly string[]): LogAnswer =>
  (response) =>
    void response.end(text.join(''));
const cut =
  (...text: readonly string[]): LogAnswer =>
  (response) => {
    response.write(text.join(''));
    setTimeout(() => response.destroy(), 20);
  };

describe('a log that is followed', () => {
  it('is not asked for again and again by somebody who may not read it', async () => {
    const refused: LogAnswer = (response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Status', code: 403, message: 'no' }));
    };
    const server = await podServer([RUNNING], [refused]);
    await expect(read(server)).rejects.toMatchObject({ status: 403 });
    expect(server.asked).toHaveLength(1);
  });

  it('gives each line once through a cut connection, going on in the second of the last line', async () => {
    const server = await podServer(
      [RUNNING, RUNNING, ENDED],
      [
        cut(stamped(100, 'a'), stamped(1_200, 'b'), stamped(1_300, 'c')),
        whole(stamped(1_200, 'b'), stamped(1_300, 'c'), stamped(1_300, 'c'), stamped(2_000, 'd')),
        whole(stamped(2_000, 'd'), stamped(2_100, 'the end')),
      ],
    );
    const { lines, said } = await read(server);
    expect(lines).toEqual(['a', 'b', 'c', 'c', 'd', 'the end']);
    expect(said).toHaveLength(1);
    expect(server.asked.map((query) => query.get('sinceTime'))).toEqual([null, stamp(1_000), stamp(2_000)]);
    expect(server.asked.map((query) => query.get('follow'))).toEqual(['true', 'true', 'false']);
  });

  it('has the last line without its newline once the container has ended, and ends', async () => {
    const server = await podServer([ENDED], [whole(stamped(1, 'a'), stamped(2, 'no newline').trimEnd())]);
    expect((await read(server)).lines).toEqual(['a', 'no newline']);
  });

  it('is asked for again after silence, without a line twice', async () => {
    const silent: LogAnswer = (response) => void response.write(stamped(1, 'a'));
    const server = await podServer([RUNNING, ENDED], [silent, whole(stamped(1, 'a'), stamped(5, 'b'))]);
    expect((await read(server)).lines).toEqual(['a', 'b']);
  });

  it('ends with its pod when that is gone, and is an error when there never was one', async () => {
    const server = await podServer([RUNNING, 404], [whole(stamped(1, 'a'))]);
    expect((await read(server)).lines).toEqual(['a']);
    await expect(read(await podServer([404], []))).rejects.toMatchObject({
      problems: [{ code: 'no-such-pod' }],
    });
  });
});

describe('the place in a log', () => {
  it('gives each line once, wherever the reading breaks off and however many lines share a second', () => {
    const lines = fc.array(fc.nat({ max: 700 }), { maxLength: 30 }).map((gaps) =>
      gaps.map(
        (
          (at = 0) =>
          (gap: number, index: number) => ({ at: (at += gap), text: `${index}` })
        )(),
      ),
    );
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 30 }), { maxLength: 5 }), (all, breaks) => {
        const place = new LogPlace();
        const taken: string[] = [];
        for (const length of [...breaks, Number.POSITIVE_INFINITY]) {
          const since = Date.parse(place.resume() ?? '') || 0;
          for (const line of all.filter(({ at }) => at >= since).slice(0, length))
            if (place.takes(line)) taken.push(line.text);
        }
        expect(taken).toEqual(all.map(({ text }) => text));
      }),
    );
  });

  it('is read from stamps of nanoseconds, of whole seconds and of other zones; what has none is no line', () => {
    expect(parseStamped('2026-11-23T00:58:46.123456789Z a b')).toEqual({
      at: Date.parse('2026-11-23T00:58:46.123Z'),
      text: 'a b',
    });
    expect(parseStamped('2026-11-23T00:58:46Z ')).toEqual({
      at: Date.parse('2026-11-23T00:58:46Z'),
      text: '',
    });
    expect(parseStamped('2026-11-23T02:58:46.1+02:00 x')?.at).toBe(Date.parse('2026-11-23T00:58:46.100Z'));
    expect(parseStamped('half a line')).toBeUndefined();
  });
});
