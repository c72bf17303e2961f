import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { runRecord } from './fixtures.ts';

const LAUNCHED: RunEvent = { type: 'stage-launched', stage: 'prepare', attempt: 1 };
const STOPPED: RunEvent = { type: 'stopped', message: 'by a person' };

/** The laws of who may act on a run, for the store's contract. `run` is recorded. */
export function leaseLaws(store: () => Store, run: RunRecord): void {
  test("a process's heartbeat renews all of its leases, and those of an earlier Stint are judged by their own", async () => {
    await store().runs.create([runRecord({ id: 'r-2' }), runRecord({ id: 'r-3' })]);
    const lease = (id: string, owner: string, heartbeatAt: number) => ({
      run: id,
      owner,
      pid: 7,
      heartbeatAt,
    });
    const a = { owner: 'a', pid: 7, host: null };
    for (const id of [run.id, 'r-2']) await store().leases.acquire(lease(id, 'a', 1_000), 500);
    await store().leases.acquire(lease('r-3', 'old', 1_000), 500);
    expect(await store().leases.beat(a, 2_000)).toBe(2);
    const heartbeats = (await store().leases.list()).map(({ heartbeatAt }) => heartbeatAt);
    expect(heartbeats).toEqual([2_000, 2_000, 1_000]);
    expect(await store().leases.acquire(lease('r-2', 'b', 2_400), 500)).toBe(false);
    expect(await store().leases.acquire(lease('r-3', 'b', 2_400), 500)).toBe(true);
    expect(await store().leases.acquire(lease('r-2', 'b', 2_500), 500)).toBe(true);
    expect(await store().leases.beat(a, 2_600)).toBe(1);
    expect(await store().leases.held('a')).toEqual([run.id]);
    expect(await store().leases.holders()).toEqual([
      { owner: 'a', pid: 7, heartbeatAt: 2_600, beats: true },
      { owner: 'b', pid: 7, heartbeatAt: 2_500, beats: false },
    ]);
    const beating = [{ owner: 'a', pid: 7, heartbeatAt: 2_600, beats: true }];
    expect(await store().leases.attendants()).toEqual(beating);
    await store().leases.release(run.id, 'a');
    await store().leases.leave('a', 2_700);
    expect(await store().leases.attendants()).toEqual([]);
    await store().leases.acquire(lease(run.id, 'a', 2_800), 500);
    expect(await store().leases.find(run.id)).toEqual(lease(run.id, 'a', 2_800));
  });

  test('open runs that nobody of these holds come in order of creation, with whoever holds them', async () => {
    const later = runRecord({ id: 'r-0', createdAt: run.createdAt + 1, host: 'there' });
    await store().runs.create([later, runRecord({ id: 'r-2' }), runRecord({ id: 'r-3' })]);
    await store().runs.append('r-3', 0, 1, [LAUNCHED, STOPPED]);
    const hold = (id: string, owner: string, heartbeatAt: number) =>
      store().leases.acquire({ run: id, owner, pid: 7, heartbeatAt }, 500);
    await hold(run.id, 'a', 1_000);
    await hold('r-2', 'a', 1_200);
    await hold('r-0', 'b', 1_100);
    expect(await store().leases.holders()).toEqual([
      { owner: 'a', pid: 7, heartbeatAt: 1_200, beats: false },
      { owner: 'b', pid: 7, heartbeatAt: 1_100, beats: false },
    ]);
    const [first, second, third] = [
      { run: run.id, owner: 'a', host: null },
      { run: 'r-2', owner: 'a', host: null },
      { run: 'r-0', owner: 'b', host: 'there' },
    ];
    expect(await store().leases.unheld([])).toEqual([first, second, third]);
    expect(await store().leases.unheld(['b'])).toEqual([first, second]);
    await store().leases.release(run.id, 'a');
    expect(await store().leases.unheld(['a'])).toEqual([{ ...first, owner: null }, third]);
  });

  test('a lease has one holder until it is released or not renewed in time', async () => {
    const lease = (owner: string, heartbeatAt: number) => ({ run: run.id, owner, pid: 42, heartbeatAt });
    expect(await store().leases.acquire(lease('a', 1_000), 500)).toBe(true);
    expect(await store().leases.acquire(lease('a', 1_100), 500)).toBe(true);
    expect(await store().leases.acquire(lease('b', 1_599), 500)).toBe(false);
    expect(await store().leases.beat({ owner: 'a', pid: 1, host: null }, 1_200)).toBe(1);
    expect(await store().leases.acquire(lease('b', 1_699), 500)).toBe(false);
    expect(await store().leases.acquire(lease('b', 1_700), 500)).toBe(true);
    expect(await store().leases.beat({ owner: 'a', pid: 1, host: 'there' }, 1_701)).toBe(0);
    await store().leases.release(run.id, 'a');
    expect(await store().leases.find(run.id)).toEqual(lease('b', 1_700));
    await store().leases.release(run.id, 'b');
    expect(await store().leases.find(run.id)).toBeNull();
  });

  test('of the heirs of a dead holder the first takes its lease and keeps it', async () => {
    const lease = (owner: string) => ({ run: run.id, owner, pid: 42, heartbeatAt: 1_000 });
    await store().leases.acquire(lease('dead'), 500);
    expect(await store().leases.acquire(lease('first'), 500, 'dead')).toBe(true);
    expect(await store().leases.acquire(lease('second'), 500, 'dead')).toBe(false);
    expect(await store().leases.find(run.id)).toEqual(lease('first'));
  });
}
