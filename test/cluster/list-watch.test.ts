import { describe, expect, it, onTestFinished } from 'vitest';
import type { ApiError } from '../../cluster/kubernetes/api/api-error.ts';
import type { ApiClient } from '../../cluster/kubernetes/api/client.ts';
import { type ListWatchEvent, listWatch } from '../../cluster/kubernetes/api/list-watch.ts';
import { item, json, line, lines, listOf, watchServer } from './http-server.ts';
import { hasRecordings, rawLines } from './recorded/recording.ts';

const PACE = { shortestMs: 1, longestMs: 5, silenceMs: 300, watchSeconds: 10, relistMs: 60_000 };

/** What is seen, in short, until it is enough. */
async function seen(client: ApiClient, isEnough: (told: readonly string[]) => boolean) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const told: string[] = [];
  const watched = { path: '/things', labelSelector: 'a=b', signal: gone.signal };
  for await (const sight of listWatch(client, watched, PACE)) {
    told.push(inShort(sight));
    if (isEnough(told)) break;
  }
  return told;
}

function inShort(sight: ListWatchEvent): string {
  if (sight.kind === 'restored') return 'restored';
  if (sight.kind === 'degraded') return 'degraded';
  const names = (objects: ListWatchEvent & { kind: 'synced' | 'changed' }, of: 'objects' | 'vanished') =>
    objects[of].map(({ metadata }) => (metadata as { name: string }).name).join();
  const vanished = names(sight, 'vanished');
  return `${sight.kind} ${names(sight, 'objects')}${vanished === '' ? '' : ` without ${vanished}`}`;
}

const after = (count: number, what: string) => (told: readonly string[]) =>
  told.filter((each) => each.startsWith(what)).length >= count;
const staying = lines('stay');
const expired = { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 };

describe('a watched set', () => {
  it('is whole after the list and after each change, and says what has left it', async () => {
    const { client, asked } = await watchServer(
      listOf('5', 'a', 'b'),
      lines(
        'stay',
        line('ADDED', item('c', '6')),
        line('MODIFIED', item('a', '7')),
        line('DELETED', item('b', '8')),
      ),
    );
    expect(await seen(client, after(3, 'changed'))).toEqual([
      'synced a,b',
      'restored',
      'changed a,b,c',
      'changed a,b,c',
      'changed a,c without b',
    ]);
    expect(asked.map((query) => query.get('resourceVersion'))).toEqual([null, '5']);
    expect(asked.every((query) => query.get('labelSelector') === 'a=b')).toBe(true);
    expect(asked[1]?.get('allowWatchBookmarks')).toBe('true');
  });

  it('is listed page by page', async () => {
    const pages = [
      { kind: 'List', metadata: { resourceVersion: '5', continue: 'more' }, items: [item('a', '1')] },
      { kind: 'List', metadata: { resourceVersion: '5' }, items: [item('b', '2')] },
    ];
    const { client } = await watchServer(
      (response, query) => json(pages[query.get('continue') === 'more' ? 1 : 0])(response, query),
      staying,
    );
    expect(await seen(client, after(1, 'synced'))).toEqual(['synced a,b']);
  });

  it('goes on from a bookmark after a clean end, without a new list', async () => {
    const { client, asked } = await watchServer(
      listOf('5', 'a'),
      lines('close', line('BOOKMARK', { metadata: { resourceVersion: '9' } })),
      lines('stay', line('MODIFIED', item('a', '10'))),
    );
    expect(await seen(client, after(1, 'changed'))).toEqual([
      'synced a',
      'restored',
      'restored',
      'changed a',
    ]);
    expect(asked.map((query) => query.get('resourceVersion'))).toEqual([null, '5', '9']);
  });

  it.each([
    ['a server’s error', 500],
    ['too many requests', 429],
  ])('is in doubt after %s, and then goes on from where it was', async (_, status) => {
    const { client, asked } = await watchServer(
      listOf('5', 'a'),
      json({ kind: 'Status', message: 'not now', code: status }, status),
      lines('stay', line('ADDED', item('c', '7'))),
    );
    expect(await seen(client, after(1, 'changed'))).toEqual([
      'synced a',
      'degraded',
      'restored',
      'changed a,c',
    ]);
    expect(asked.map((query) => query.get('resourceVersion'))).toEqual([null, '5', '5']);
  });

  it('is degraded and then restored in one life, with what was missed', async () => {
    const { client } = await watchServer(
      listOf('5', 'a'),
      lines('reset', line('ADDED', item('b', '6'))),
      lines('stay', line('ADDED', item('c', '7'))),
    );
    expect(await seen(client, after(2, 'changed'))).toEqual([
      'synced a',
      'restored',
      'changed a,b',
      'degraded',
      'restored',
      'changed a,b,c',
    ]);
  });

  it('is not trusted when the connection has been silent for too long', async () => {
    const { client } = await watchServer(listOf('5', 'a'), staying);
    const begun = performance.now();
    expect(await seen(client, after(1, 'degraded'))).toEqual(['synced a', 'restored', 'degraded']);
    expect(performance.now() - begun).toBeGreaterThan(PACE.silenceMs - 50);
  });

  it('is listed again, and is not in doubt, when its version has expired', async () => {
    let version = 4;
    const { client, asked } = await watchServer(
      (response, query) => listOf(String(++version), 'a')(response, query),
      lines('close', line('ERROR', expired)),
      json(expired, 410),
      staying,
    );
    expect(await seen(client, after(3, 'synced'))).toEqual(['synced a', 'restored', 'synced a', 'synced a']);
    expect(asked.map((query) => query.get('resourceVersion'))).toEqual([null, '5', null, '6', null]);
  });

  it('is listed again when an event is none', async () => {
    const { client } = await watchServer(
      listOf('5', 'a'),
      lines('close', '<html>a proxy’s page</html>\n'),
      staying,
    );
    expect(await seen(client, after(2, 'synced'))).toEqual(['synced a', 'restored', 'synced a']);
  });

  it('has events of more than a megabyte, in any pieces', async () => {
    const text = line('ADDED', { ...item('big', '6'), text: 'ö'.repeat(1_500_000) });
    const bytes = Buffer.from(text);
    const { client } = await watchServer(listOf('5'), (response) => {
      response.writeHead(200);
      for (let at = 0; at < bytes.length; at += 65_537) response.write(bytes.subarray(at, at + 65_537));
    });
    expect((await seen(client, after(1, 'changed'))).at(-1)).toBe('changed big');
  });

  it('keeps nothing from a line that broke off', async () => {
    const { client } = await watchServer(
      listOf('5', 'a'),
      lines('close', line('ADDED', item('b', '6')).slice(0, 40)),
      lines('stay', line('ADDED', item('c', '7'))),
    );
    expect(await seen(client, after(1, 'changed'))).toEqual([
      'synced a',
      'restored',
      'restored',
      'changed a,c',
    ]);
  });

  it.each([401, 403, 404])('is not to be had where its first list is answered with %s', async (status) => {
    const { client } = await watchServer(
      json({ kind: 'Status', message: 'no', code: status }, status),
      staying,
    );
    await expect(seen(client, () => false)).rejects.toMatchObject({ status } satisfies Partial<ApiError>);
  });

  const REFUSED = json({ kind: 'Status', message: 'no', code: 403 }, 403);

  it('is not to be had where it may be listed and not watched', async () => {
    const { client } = await watchServer(listOf('5', 'a'), REFUSED);
    await expect(seen(client, () => false)).rejects.toMatchObject({ status: 403 });
  });

  it('waits for the right to it to come back once it was watched', async () => {
    const { client } = await watchServer(
      listOf('5', 'a'),
      lines('close'),
      REFUSED,
      lines('stay', line('ADDED', item('b', '6'))),
    );
    expect(await seen(client, after(1, 'changed'))).toEqual([
      'synced a',
      'restored',
      'degraded',
      'restored',
      'changed a,b',
    ]);
  });
});

describe.skipIf(!hasRecordings)('the recorded protocol of a watch', () => {
  it('of an expired version is listed again; initial events and their bookmark are changes as any', async () => {
    const [gone = '', ...initial] = rawLines('watch-protocol').map((text) => `${text}\n`);
    const { client, asked } = await watchServer(
      listOf('1'),
      lines('close', gone),
      lines('close', ...initial),
      staying,
    );
    expect(await seen(client, after(3, 'restored'))).toEqual([
      'synced ',
      'restored',
      'synced ',
      'restored',
      'changed h100',
      'changed h100,h100-flat',
      'restored',
    ]);
    expect(asked.at(-1)?.get('resourceVersion')).toBe('2333');
  });
});
