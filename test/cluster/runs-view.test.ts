import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NamespaceSets } from '../../cluster/kubernetes/observe/namespace-sets.ts';
import { RunsView } from '../../cluster/kubernetes/observe/runs-view.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import { httpServer, json, line, lines } from './http-server.ts';

const labels = { 'stint.dev/run': 'r1', 'stint.dev/stage': 'train', 'stint.dev/job': 'r1-train-a1' };
const settled = ['stint.dev/usage-settled'];
const time = '2026-01-01T00:00:00Z';
const POD = {
  metadata: {
    uid: 'u1',
    name: 'r1-train-a1-0',
    resourceVersion: '5',
    labels,
    finalizers: settled,
    creationTimestamp: time,
  },
  spec: { nodeName: 'gpu-1', containers: [{ name: 'trainer', resources: {} }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: time }],
    containerStatuses: [{ name: 'trainer', state: { running: { startedAt: time } } }],
  },
};
const JOB = {
  kind: 'Job',
  metadata: {
    uid: 'j1',
    name: 'r1-train-a1',
    resourceVersion: '5',
    labels,
    finalizers: settled,
    creationTimestamp: time,
  },
  spec: {},
};

/** Has a pod of a job of which its watch for jobs does not tell; the job itself is there until it is taken away. */
async function view() {
  let isThere = true;
  let asked = 0;
  const list = (items: readonly unknown[]) =>
    json({ kind: 'List', metadata: { resourceVersion: '5' }, items });
  const { client } = await httpServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    const isOne = pathname === '/jobs/r1-train-a1';
    if (isOne) asked += 1;
    const answer = isOne
      ? isThere
        ? json(JOB)
        : json({ kind: 'Status', code: 404, message: 'not found' }, 404)
      : query.get('watch') === 'true'
        ? lines('stay')
        : list(pathname === '/pods' ? [POD] : []);
    void answer(response, query);
  });
  const signal = new AbortController();
  onTestFinished(() => signal.abort());
  const watched = { pods: '/pods', jobs: '/jobs', workloads: undefined, events: '/events' };
  const options = { watched, deviceResource: undefined, say: () => undefined, onNeverBound: () => undefined };
  const seen: Observation[] = [];
  void (async () => {
    for await (const each of new RunsView(client, options).watch('r1', signal.signal)) seen.push(each);
  })();
  return { seen, asked: () => asked, takeAway: () => (isThere = false) };
}

test('nothing is told of pods whose job the watch for jobs does not know, for as long as it is there', async () => {
  const { seen, asked, takeAway } = await view();
  await sleep(2_500);
  expect(seen).toEqual([]);
  expect(asked()).toBeGreaterThan(1);
  expect(asked()).toBeLessThan(5);
  takeAway();
  await sleep(1_500);
  expect(seen).toMatchObject([{ jobs: [], pods: [{ name: 'r1-train-a1-0' }] }]);
});

const FORBIDDEN = (verb: string) =>
  json(
    {
      kind: 'Status',
      code: 403,
      message: `pods is forbidden: User "ann" cannot ${verb} resource "pods" in API group "" in the namespace "n"`,
    },
    403,
  );

/** What a look gives, and by which error it ends, where jobs may be listed and, a moment later, be watched. */
async function lookWithout(verb: 'list' | 'watch') {
  const { client } = await httpServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    const isWatch = query.get('watch') === 'true';
    const items = pathname === '/pods' ? [POD] : pathname === '/jobs' ? [JOB] : [];
    const isRefused = pathname === '/pods' && isWatch === (verb === 'watch');
    const answer = isRefused
      ? FORBIDDEN(verb)
      : isWatch
        ? lines('stay')
        : json({ kind: 'List', metadata: { resourceVersion: '5' }, items });
    // The jobs come long after the pods were refused.
    setTimeout(() => void answer(response, query), pathname === '/jobs' ? 300 : 0);
  });
  const signal = new AbortController();
  onTestFinished(() => signal.abort());
  const watched = { pods: '/pods', jobs: '/jobs', workloads: undefined, events: '/events' };
  const options = { watched, deviceResource: undefined, say: () => undefined, onNeverBound: () => undefined };
  const seen: Observation[] = [];
  try {
    for await (const each of new RunsView(client, options).watch('r1', signal.signal)) seen.push(each);
  } catch (error) {
    return { seen, error };
  }
  throw new Error('it was not refused');
}

test('what may be listed and not be watched is told once, as it was listed, whichever answer comes first', async () => {
  expect(await lookWithout('watch')).toMatchObject({
    seen: [{ jobs: [{ name: 'r1-train-a1' }], pods: [{ name: 'r1-train-a1-0', phase: 'running' }] }],
    error: { message: expect.stringContaining('may not watch pods') as string },
  });
});

test('of a run of which something may not be listed nothing is told', async () => {
  expect(await lookWithout('list')).toMatchObject({
    seen: [],
    error: { message: expect.stringContaining('may not list pods') as string },
  });
});

test('what happens to one run is looked at for that run alone, however many are looked at', async () => {
  const runs = Array.from({ length: 50 }, (_, index) => `r${index + 1}`);
  const of = <T extends typeof POD | typeof JOB>(object: T, run: string, resourceVersion = '5'): T => {
    const own = { 'stint.dev/run': run, 'stint.dev/stage': 'train', 'stint.dev/job': `${run}-train-a1` };
    const { uid, name } = object.metadata;
    const renamed = { uid: `${uid}-${run}`, name: name.replace('r1', run), labels: own, resourceVersion };
    return { ...object, metadata: { ...object.metadata, ...renamed } };
  };
  const ended = { terminated: { exitCode: 0, startedAt: time, finishedAt: time } };
  const changed = of(
    {
      ...POD,
      status: { ...POD.status, phase: 'Succeeded', containerStatuses: [{ name: 'trainer', state: ended }] },
    } as never,
    'r7',
    '6',
  );
  const { client } = await httpServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    const ofPart = pathname === '/pods' ? POD : pathname === '/jobs' ? JOB : undefined;
    const items = ofPart === undefined ? [] : runs.map((run) => of(ofPart, run));
    const isWatch = query.get('watch') === 'true';
    if (isWatch) void lines('stay')(response, query);
    else void json({ kind: 'List', metadata: { resourceVersion: '5' }, items })(response, query);
    // The change comes long after all was listed, and watched.
    if (isWatch && pathname === '/pods') setTimeout(() => response.write(line('MODIFIED', changed)), 1_000);
  });
  const signal = new AbortController();
  onTestFinished(() => signal.abort());
  const watched = { pods: '/pods', jobs: '/jobs', workloads: undefined, events: '/events' };
  const options = { watched, deviceResource: undefined, say: () => undefined, onNeverBound: () => undefined };
  const all = new RunsView(client, options);
  const observe = vi.spyOn(NamespaceSets.prototype, 'observe');
  onTestFinished(() => observe.mockRestore());
  const seen = new Map<string, string[]>();
  for (const run of runs)
    void (async () => {
      for await (const { pods } of all.watch(run, signal.signal))
        seen.set(run, [...(seen.get(run) ?? []), pods.map(({ phase }) => phase).join()]);
    })();
  await vi.waitFor(() => expect(seen.size).toBe(runs.length));
  await sleep(300);
  observe.mockClear();
  await vi.waitFor(() => expect(seen.get('r7')).toHaveLength(2), { timeout: 5_000 });
  await sleep(100);
  expect([...new Set(observe.mock.calls.flat())]).toEqual(['r7']);
});
