import { expect, onTestFinished, test } from 'vitest';
import type { Look } from '../../orchestrator/controller/look-at-run.ts';
import { lookAtUnattended } from '../../orchestrator/controller/look-at-unattended.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord } from '../store/fixtures.ts';

const NOW = 1_800_000_000_000;

test('what was seen, or is watched, a moment before the sight is whole lives until then, in no doubt', async () => {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const records = ['looked-at', 'watched', 'unseen'].map((id) => runRecord({ id, createdAt: NOW }));
  await store.runs.create(records);
  await store.leases.acquire({ run: 'watched', owner: 'a', pid: 1, heartbeatAt: NOW }, 60_000);
  const look = (at: number, seen: object | null) =>
    ({ at, seen, facts: [], obstacles: [] }) as unknown as Look;
  const looker = {
    store,
    now: () => NOW,
    sleep: async () => undefined,
    isAlive: () => true,
    host: null,
    clusterFor: () => Promise.reject(new Error('all were looked at')),
  };
  const [first, second, third] = records as [(typeof records)[0], (typeof records)[0], (typeof records)[0]];
  const { now, watchedUntil } = await lookAtUnattended(
    looker,
    [],
    [
      { record: first, look: look(NOW - 8, {}) },
      { record: second, look: look(NOW + 5, {}) },
      { record: third, look: look(NOW - 2, null) },
    ],
  );
  expect(now).toBe(NOW + 5);
  expect(['looked-at', 'watched'].map(watchedUntil)).toEqual([now, now]);
  expect(watchedUntil('unseen')).toBe(Number.NEGATIVE_INFINITY);
});
