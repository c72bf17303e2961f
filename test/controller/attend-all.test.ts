import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attendAll } from '../../orchestrator/controller/attend-all.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { Progress } from '../../orchestrator/run/progress.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { recordArms, type ShellWorkplace, shellWorkplace } from './shell-runs.ts';

/** One process that attends the runs of a store, and a way to end it. */
function attend(workplace: Workplace) {
  const progress: Progress[] = [];
  const warnings: string[] = [];
  const interrupt = new AbortController();
  const force = new AbortController();
  const done = attendAll(workplace, {
    interrupt: interrupt.signal,
    force: force.signal,
    onProgress: (each) => progress.push(each),
    onWarning: (message) => warnings.push(message),
  });
  const end = async () => {
    interrupt.abort();
    await done;
  };
  onTestFinished(end);
  return { progress, warnings, end };
}

async function place(options: Partial<ShellWorkplace> = {}) {
  const home = temporaryFolder();
  const store = await openStore(join(home, 'stint.db'));
  onTestFinished(() => store.close());
  return { home, store, workplace: shellWorkplace({ store, home, ...options }) };
}

const stateOf = async (store: Store, { id }: RunRecord) => (await store.runs.state(id)).run.state.kind;

const patiently = { timeout: 45_000, interval: 50 };

test('what is recorded is taken up, one after another in order of creation where the cluster does not queue', async () => {
  const { store, workplace } = await place({ script: 'sleep 0.2' });
  const { progress, warnings } = attend(workplace);
  const records = await recordArms(workplace);
  for (const record of records) await expect.poll(() => stateOf(store, record), patiently).toBe('succeeded');
  const ids = progress.flatMap((each) => (each.kind === 'state' ? [each.run] : []));
  const [first, second] = records.map(({ id }) => id);
  expect(ids.indexOf(second ?? '')).toBeGreaterThan(ids.lastIndexOf(first ?? ''));
  await expect.poll(() => store.leases.list(), patiently).toEqual([]);
  expect(warnings).toEqual([]);
}, 60_000);

test('a fault of our own in one run ends no other, is told once, and the run goes on when it is fixed', async () => {
  let broken = '';
  let faults = 0;
  const around = (cluster: Cluster): Cluster => ({
    ...cluster,
    queues: true,
    fence: async (run, options) => {
      if (run === broken) {
        faults += 1;
        throw new TypeError('a fault of ours');
      }
      await cluster.fence(run, options);
    },
  });
  const { store, workplace } = await place({ around });
  const [first, second] = await recordArms(workplace);
  if (!first || !second) throw new Error('two arms were expected');
  broken = first.id;
  const { progress } = attend(workplace);
  await expect.poll(() => stateOf(store, second), patiently).toBe('succeeded');
  await expect.poll(() => faults, patiently).toBeGreaterThan(2);
  const told = progress.filter(({ kind, run }) => kind === 'warning' && run === first.id);
  expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining('a fault of ours') })]);
  broken = '';
  await expect.poll(() => stateOf(store, first), patiently).toBe('succeeded');
}, 60_000);

test('a run whose process is gone is taken over within five seconds, and one of a process that lives is not', async () => {
  const { store, workplace } = await place({
    script: 'sleep 0.1',
    isAlive: ({ owner }) => owner !== 'dead/1',
  });
  const [left, held] = await recordArms(workplace);
  if (!left || !held) throw new Error('two arms were expected');
  const heartbeat = { pid: 1, heartbeatAt: Date.now() };
  await store.leases.acquire({ run: left.id, owner: 'dead/1', ...heartbeat }, 15_000);
  await store.leases.acquire({ run: held.id, owner: 'living/1', ...heartbeat }, 15_000);
  attend(workplace);
  await expect.poll(async () => (await store.leases.find(left.id))?.owner, { timeout: 5_000 }).toBe('here/1');
  await expect.poll(() => stateOf(store, left), patiently).toBe('succeeded');
  expect(await store.leases.find(held.id)).toMatchObject({ owner: 'living/1' });
  expect(await stateOf(store, held)).toBe('queued');
}, 60_000);

test('a process that goes away asks the pods of this machine to save, and leaves what waits for its turn as it is', async () => {
  const { store, workplace } = await place({ script: 'sleep 60' });
  const [first, second] = await recordArms(workplace);
  if (!first || !second) throw new Error('two arms were expected');
  const { end } = attend(workplace);
  await expect.poll(() => stateOf(store, first), patiently).toBe('running');
  await end();
  expect(await stateOf(store, first)).toBe('interrupted');
  expect(await stateOf(store, second)).toBe('queued');
  expect(await store.leases.list()).toEqual([]);
}, 60_000);

test('a run of another machine is left to that machine', async () => {
  const { store, workplace } = await place();
  const [record] = await recordArms({ ...workplace, host: 'ann:/home/ann/.stint#1' });
  if (!record) throw new Error('an arm was expected');
  const { end } = attend({ ...workplace, host: 'bob:/home/bob/.stint#2' });
  await workplace.sleep(4_000);
  await end();
  expect(await store.runs.events(record.id)).toEqual([]);
  expect(await store.leases.list()).toEqual([]);
}, 60_000);
