import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { followRun } from '../../orchestrator/operations/follow-run.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord, temporaryFolder } from '../store/fixtures.ts';

const OWNER = 'here#1/1';

/** Follows a run that somebody works on. */
async function followed(kind: 'kubernetes' | 'local') {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  const record = runRecord();
  const profile = { ...record.profile, backend: { kind } } as RunRecord['profile'];
  await store.runs.create([{ ...record, profile }]);
  const lease = { run: record.id, owner: OWNER, pid: process.pid, heartbeatAt: Date.now() };
  await store.leases.acquire(lease, 15_000);
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  let ended = false;
  const end = followRun(
    { store, ...realClock, isAlive: () => true },
    { subscribe: () => () => undefined },
    { ...record, profile },
    {
      signal: leave.signal,
      after: 0,
      onState: () => undefined,
      onProgress: () => undefined,
    },
  ).finally(() => {
    ended = true;
  });
  const append = async (...events: readonly RunEvent[]) => {
    const { seq } = await store.runs.state(record.id);
    await store.runs.append(record.id, seq, Date.now(), events);
  };
  return { store, record, append, end, hasEnded: () => ended };
}

test('a run is followed until its cluster keeps nothing of it, while somebody sees to that', async () => {
  const { append, end, hasEnded } = await followed('kubernetes');
  await append({ type: 'stage-launched', stage: 'prepare', attempt: 1 }, { type: 'succeeded' });
  await pause(1_500);
  expect(hasEnded()).toBe(false);
  await append({ type: 'released' });
  expect(await end).toMatchObject({ kind: 'succeeded' });
});

test('what could not be settled is followed until nobody works on it any more', async () => {
  const { store, record, append, end, hasEnded } = await followed('kubernetes');
  await append({ type: 'stage-launched', stage: 'prepare', attempt: 1 }, { type: 'succeeded' });
  await pause(500);
  expect(hasEnded()).toBe(false);
  await store.leases.release(record.id, OWNER);
  expect(await end).toMatchObject({ kind: 'succeeded' });
});

test('a local run leaves nothing behind when it is at rest', async () => {
  const { append, end } = await followed('local');
  await append({ type: 'stage-launched', stage: 'prepare', attempt: 1 }, { type: 'succeeded' });
  expect(await end).toMatchObject({ kind: 'succeeded' });
});
