import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { admitRuns, reservationFor, reserveAnew } from '../../orchestrator/controller/admit-runs.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 27, 12);
const planOf = (high: number) =>
  ({ gpuHours: { high }, duration: {}, steps: 9 }) as unknown as RunRecord['plan'];

it('a plan that is made again from the data is reserved for, and judged where it takes more than the one before', async () => {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  const workplace = { store, priceOf: listedPrice, now: () => NOW, isAlive: () => true };
  const profile = { name: 'here', device: { model: 'H100' } } as unknown as RunRecord['profile'];
  const recipe = { ...runRecord().recipe, team: 'red' };
  const [record, other] = ['r-1', 'r-2'].map((id) => runRecord({ id, recipe, profile, plan: planOf(10) }));
  if (!record || !other) throw new Error('two runs');
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 25 }], 1);
  const admission = { create: [record, other], resume: [], at: NOW };
  await admitRuns(workplace, admission, [
    reservationFor(record, 10 * HOUR),
    reservationFor(other, 10 * HOUR),
  ]);
  const reserved = async () =>
    (await store.budgets.book(NOW)).reservations.map(({ gpuMilliseconds }) => gpuMilliseconds / HOUR);

  expect(await reserveAnew(workplace, record, planOf(15))).toBeNull();
  expect(await reserved()).toEqual([15, 10]);
  expect(await reserveAnew(workplace, record, planOf(15.5))).toContain(
    'this needs 15.5 at most: 0.500 too many',
  );
  expect(await reserved()).toEqual([15, 10]);
  expect(await reserveAnew(workplace, record, planOf(8))).toBeNull();
  expect(await reserved()).toEqual([8, 10]);
  // Lowered meanwhile: what was admitted once and takes no more is not refused for that.
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 5 }], 2);
  expect(await reserveAnew(workplace, record, planOf(10))).toBeNull();
});
