import { expect, onTestFinished, test } from 'vitest';
import { type Looker, lookAtRun } from '../../orchestrator/controller/look-at-run.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { RunRecord } from '../../orchestrator/store/port.ts';
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
