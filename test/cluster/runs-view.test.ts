import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { RunsView } from '../../cluster/kubernetes/observe/runs-view.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import { httpServer, json, lines } from './http-server.ts';

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
  const list = (items: readonly unknown[]) => json({ metadata: { resourceVersion: '5' }, items });
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
        : json({ metadata: { resourceVersion: '5' }, items });
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
