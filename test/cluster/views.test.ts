import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { kubernetesCluster } from '../../cluster/kubernetes/kubernetes-cluster.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import { httpServer, json, line } from './http-server.ts';

const TIME = '2026-01-01T00:00:00Z';
const QUEUE = { 'kueue.x-k8s.io/queue-name': 'q' };
const labelsOf = (run: string) => ({
  'stint.dev/run': run,
  'stint.dev/stage': 'train',
  'stint.dev/job': `${run}-train-a1`,
  'stint.dev/attempt': '1',
});
const metadataOf = (run: string, name: string, labels: object = {}) => ({
  uid: `uid-${name}`,
  name,
  resourceVersion: '5',
  labels: { ...labelsOf(run), ...labels },
  finalizers: ['stint.dev/usage-settled'],
  creationTimestamp: TIME,
});
/** Its container started that many seconds after. */
const podOf = (run: string, second = 0) => ({
  metadata: metadataOf(run, `${run}-train-a1-0`),
  spec: { nodeName: 'n', containers: [{ name: 'trainer' }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: TIME }],
    containerStatuses: [
      {
        name: 'trainer',
        state: { running: { startedAt: new Date(Date.parse(TIME) + second * 1_000).toISOString() } },
      },
    ],
  },
});
const jobOf = (run: string) => ({
  kind: 'JobSet',
  metadata: metadataOf(run, `${run}-train-a1`, QUEUE),
  spec: {},
});
const workloadOf = (run: string, isAdmitted: boolean) => ({
  metadata: {
    ...metadataOf(run, `w-${run}`),
    labels: { 'kueue.x-k8s.io/job-uid': `uid-${run}-train-a1` },
  },
  spec: { queueName: 'q' },
  status: {
    conditions: isAdmitted
      ? ['QuotaReserved', 'Admitted'].map((type) => ({ type, status: 'True', lastTransitionTime: TIME }))
      : [],
  },
});

/** An API server with a job, a pod and a workload of each run, which selects by labels and remembers what was asked. */
async function server(runs: readonly string[], isAdmitted: (run: string) => boolean = () => true) {
  const asked: string[] = [];
  const open: { readonly response: ServerResponse; readonly kind: string; readonly selector: string }[] = [];
  const parts: Readonly<Record<string, (run: string) => { readonly metadata: { readonly labels: object } }>> =
    {
      pods: (run) => podOf(run),
      jobsets: jobOf,
      workloads: (run) => workloadOf(run, isAdmitted(run)),
    };
  const { load } = await httpServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    const kind = pathname.split('/').at(-1) ?? '';
    const selector = query.get('labelSelector') ?? '';
    const watches = query.get('watch') === 'true';
    asked.push(`${watches ? 'watch' : 'list'} ${kind} ${selector}`.trim());
    if (watches) {
      response.writeHead(200);
      response.flushHeaders();
      open.push({ response, kind, selector });
      return;
    }
    const items = runs.map((run) => parts[kind]?.(run)).filter((item) => item && selects(selector, item));
    void json({ kind: 'List', metadata: { resourceVersion: '5' }, items })(response, query);
  });
  const change = (kind: string, object: { readonly metadata: { readonly labels: object } }) => {
    for (const each of open)
      if (each.kind === kind && selects(each.selector, object)) each.response.write(line('MODIFIED', object));
  };
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const backend = { namespace: 'n', owner: 'jobset', queue: { name: 'q' } } as KubernetesBackend;
  const cluster = kubernetesCluster({ backend, deviceResource: undefined, load });
  const seen = new Map<string, Observation[]>();
  const watch = async (run: string) => {
    const own: Observation[] = [];
    seen.set(run, own);
    for await (const each of cluster.watch(run, { signal: stop.signal })) own.push(each);
  };
  const until = async (isSo: () => boolean) => {
    for (const end = Date.now() + 5_000; !isSo() && Date.now() < end; ) await sleep(5);
    expect(isSo()).toBe(true);
  };
  return { asked, change, seen, until, watch: (run: string) => void watch(run) };
}

/** `k`, `k=v` and `k in (v,w)`. */
function selects(
  selector: string,
  { metadata }: { readonly metadata: { readonly labels: object } },
): boolean {
  const [, key = '', values] = /^(.*?)(?:=| in \()(.*?)\)?$/.exec(selector) ?? [undefined, selector];
  const value = (metadata.labels as Readonly<Record<string, string>>)[key];
  return (
    selector === '' || (values === undefined ? value !== undefined : values.split(',').includes(value ?? ''))
  );
}

test('a process that looks at one run asks for what is of it, and for nothing again when that changes', async () => {
  const others = Array.from({ length: 50 }, (_, index) => `r${index}`);
  const { asked, change, seen, until, watch } = await server(['mine', ...others]);
  watch('mine');
  await until(() => (seen.get('mine')?.length ?? 0) > 0);
  expect(seen.get('mine')?.[0]).toMatchObject({
    jobs: [{ name: 'mine-train-a1', state: 'active' }],
    pods: [{ run: 'mine' }],
  });
  await until(() => asked.length === 9);
  for (let times = 1; times <= 20; times++) {
    for (const run of ['mine', ...others]) change('pods', podOf(run, times));
    await until(() => (seen.get('mine')?.length ?? 0) > times);
  }
  expect(asked.toSorted()).toEqual(
    [
      'list v1beta2',
      ...['list', 'watch'].flatMap((verb) => [
        `${verb} pods stint.dev/run=mine`,
        `${verb} jobsets stint.dev/run=mine`,
        `${verb} workloads kueue.x-k8s.io/job-uid in (uid-mine-train-a1)`,
        `${verb} events`,
      ]),
    ].toSorted(),
  );
});

test('while its job waits, it asks for the workloads among which that is, and its place is told', async () => {
  let isAdmitted = false;
  const { asked, change, seen, until, watch } = await server(
    ['a', 'mine'],
    (run) => run === 'mine' && isAdmitted,
  );
  watch('mine');
  const last = () => seen.get('mine')?.at(-1)?.jobs[0];
  await until(() => last()?.state === 'waiting');
  expect(last()?.message).toContain('of 2 in queue q');
  await until(() => asked.includes('watch workloads'));
  isAdmitted = true;
  change('workloads', workloadOf('mine', true));
  await until(() => last()?.state === 'active');
  expect(asked.filter((each) => each.startsWith('list workloads'))).toEqual([
    'list workloads kueue.x-k8s.io/job-uid in (uid-mine-train-a1)',
    'list workloads',
    'list workloads kueue.x-k8s.io/job-uid in (uid-mine-train-a1)',
  ]);
});

test('however many runs one process looks at, it opens two watches of a kind at most', async () => {
  const runs = Array.from({ length: 20 }, (_, index) => `r${index}`);
  const { asked, seen, until, watch } = await server(runs);
  for (const run of runs) watch(run);
  await until(() => runs.every((run) => (seen.get(run)?.length ?? 0) > 0));
  await sleep(100);
  const counted = Map.groupBy(asked, (each) => each);
  expect([...counted.values()].filter((times) => times.length > 2)).toEqual([]);
  expect([...counted.keys()].filter((each) => each.startsWith('watch pods')).toSorted()).toEqual([
    'watch pods stint.dev/run',
    'watch pods stint.dev/run=r0',
  ]);
  for (const run of runs)
    expect(
      seen
        .get(run)
        ?.at(-1)
        ?.pods.map((pod) => pod.run),
    ).toEqual([run]);
});

test('a right that is taken away meanwhile is told as what is missing, and not as silence', async () => {
  const { load } = await httpServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://server');
    if (query.get('watch') !== 'true')
      return void json({ kind: 'List', metadata: { resourceVersion: '5' }, items: [] })(response, query);
    // One watch is granted; it ends, and none is after it.
    const message = 'User "u" cannot watch resource "pods" in API group "" in the namespace "n"';
    const isFirst = !ended.has(pathname);
    ended.add(pathname);
    if (isFirst) return void response.end();
    return void json({ kind: 'Status', code: 403, message }, 403)(response, query);
  });
  const ended = new Set<string>();
  const backend = { namespace: 'n', owner: 'jobset' } as KubernetesBackend;
  const cluster = kubernetesCluster({ backend, deviceResource: undefined, load });
  const { signal } = new AbortController();
  const watch = async () => {
    for await (const _ of cluster.watch('r1', { signal }));
  };
  await expect(watch()).rejects.toMatchObject({
    problems: [{ code: 'cluster-forbidden', what: 'the user "u" may not watch pods' }],
  });
});
