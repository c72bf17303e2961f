import { expect, onTestFinished, test } from 'vitest';
import { holdLease, LEASE_EXPIRES_MILLISECONDS } from '../../orchestrator/controller/hold-lease.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { ControllerProcess } from '../simulation/controller-process.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { runRecord } from '../store/fixtures.ts';

/** Two processes that share a store, and time that passes as it is told. */
async function twoProcesses() {
  const clock = new VirtualClock(1_000_000);
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const record = runRecord();
  await store.runs.create([record]);
  const start = (owner: string) => {
    const process = new ControllerProcess(clock);
    const workplace = { store, ...process.clock, owner, pid: 1, isAlive: () => true };
    return { process, hold: () => holdLease(workplace as unknown as Workplace, record.id) };
  };
  const pass = async (milliseconds: number) => {
    let isOver = false;
    clock.after(milliseconds, () => {
      isOver = true;
    });
    await clock.passUntil(() => isOver, milliseconds);
  };
  return { first: start('first'), second: start('second'), store, clock, pass };
}

test('a process that has stood still learns that another one has taken the run over before it does anything', async () => {
  const { first, second, clock, pass } = await twoProcesses();
  const lease = await first.hold();
  await pass(60_000);
  await lease.require();
  await expect(second.hold()).rejects.toThrow('another stint process');

  first.process.stalledUntil = clock.now() + LEASE_EXPIRES_MILLISECONDS + 5_000;
  await pass(LEASE_EXPIRES_MILLISECONDS + 1_000);
  const heir = await second.hold();
  await pass(4_000);
  await expect(lease.require()).rejects.toMatchObject({ problems: [{ code: 'lease-lost' }] });
  expect(lease.lost.aborted).toBe(true);
  await heir.require();
});

test('a process that has stood still while nobody came goes on', async () => {
  const { first, clock, pass } = await twoProcesses();
  const lease = await first.hold();
  first.process.stalledUntil = clock.now() + 10 * LEASE_EXPIRES_MILLISECONDS;
  await pass(10 * LEASE_EXPIRES_MILLISECONDS);
  await lease.require();
  expect(lease.lost.aborted).toBe(false);
});

test('of a process that holds nothing no heartbeat is left, whether it has let go or was refused', async () => {
  const { first, second, store, clock, pass } = await twoProcesses();
  const lease = await first.hold();
  const refused = await Promise.allSettled([second.hold(), second.hold()]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await pass(3_500);
  expect(await store.leases.holders()).toEqual([
    { owner: 'first', pid: 1, heartbeatAt: clock.now() - 500, beats: true },
  ]);
  await lease.release();
  // Nothing is left that would ever happen.
  await expect(pass(1)).resolves.toBeUndefined();
  await expect(clock.passUntil(() => false, 60_000)).rejects.toThrow('nothing will ever happen');
});
