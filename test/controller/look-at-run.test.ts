import { expect, onTestFinished, test } from 'vitest';
import { type Looker, lookAtRun } from '../../orchestrator/controller/look-at-run.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord } from '../store/fixtures.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

/** Runs that are recorded and not begun, recorded so long ago; processes hold the ones that are named so. */
async function recorded(age: number, holders: Readonly<Record<string, string>> = {}) {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const profile = { name: 'laptop', backend: { kind: 'local' } } as RunRecord['profile'];
  const records = ['first', 'second'].map((id) => runRecord({ id, profile, createdAt: NOW - age }));
  await store.runs.create(records);
  for (const [run, owner] of Object.entries(holders))
    await store.leases.acquire({ run, owner, pid: 1, heartbeatAt: NOW }, MINUTE);
  const looker: Looker = {
    store,
    now: () => NOW,
    sleep: async () => undefined,
    isAlive: () => true,
    host: null,
    clusterFor: () => Promise.reject(new Error('nothing is to be seen of it yet')),
  };
  const statuses = () => Promise.all(records.map(async (record) => (await lookAtRun(looker, record)).status));
  return { store, statuses };
}

test('a run whose process starts or is about to start is starting, and waits in no queue', async () => {
  expect(await (await recorded(100)).statuses()).toEqual(['starting', 'starting']);
  const held = await recorded(10 * MINUTE, { first: 'a', second: 'b' });
  expect(await held.statuses()).toEqual(['starting', 'starting']);
});

test('one that waits for its turn in a process that works on another is queued, and so is one that nobody works on', async () => {
  const { store, statuses } = await recorded(10 * MINUTE, { first: 'a', second: 'a' });
  await store.runs.append('first', 0, NOW, [{ type: 'stopped', message: 'm' }]);
  expect((await statuses())[1]).toBe('starting');
  const other = await recorded(10 * MINUTE, { first: 'a', second: 'a' });
  await other.store.runs.append('first', 0, NOW, [{ type: 'stage-launched', stage: 'prepare', attempt: 1 }]);
  expect((await other.statuses())[1]).toBe('queued');
  expect(await (await recorded(10 * MINUTE)).statuses()).toEqual(['queued', 'queued']);
});

/** A run on Kubernetes that trains; its cluster says nothing until it is given up. */
async function silent(loading: () => Promise<void>) {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const profile = {
    name: 'far',
    backend: { kind: 'kubernetes', deadlines: {} },
  } as RunRecord['profile'];
  const record = runRecord({ id: 'far', profile, createdAt: NOW });
  await store.runs.create([record]);
  await store.runs.append(record.id, 0, NOW, [{ type: 'stage-launched', stage: 'prepare', attempt: 1 }]);
  const asked: string[] = [];
  const cluster = {
    watch: (_: string, { signal }: { readonly signal: AbortSignal }) => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked.push('watch');
          return new Promise((_done, fail) =>
            signal.addEventListener('abort', () => fail(new Error('given up')), { once: true }),
          );
        },
      }),
    }),
  } as unknown as Cluster;
  const looker: Looker = {
    store,
    now: () => NOW,
    sleep: async (milliseconds) => {
      asked.push(`wait for ${milliseconds} ms`);
    },
    isAlive: () => true,
    host: null,
    clusterFor: async () => {
      await loading();
      asked.push('loaded');
      return cluster;
    },
  };
  return { asked, look: () => lookAtRun(looker, record) };
}

test('a cluster that says nothing for ten seconds leaves the run unknown; they begin when its client is loaded', async () => {
  const { asked, look } = await silent(async () => undefined);
  expect(await look()).toMatchObject({
    seen: null,
    why: 'Error: the cluster did not say in time what it knows of far',
  });
  expect(asked).toEqual(['loaded', 'wait for 10000 ms', 'watch']);
});

test('a client that cannot be loaded is said, and nothing is waited for', async () => {
  const { asked, look } = await silent(() => Promise.reject(new Error('there is no kubeconfig')));
  expect(await look()).toMatchObject({ seen: null, why: 'Error: there is no kubeconfig' });
  expect(asked).toEqual([]);
});
