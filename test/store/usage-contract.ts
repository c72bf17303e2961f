import { expect, test } from 'vitest';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { usageDays } from '../../orchestrator/ledger/usage-day.ts';
import type { UsageSum } from '../../orchestrator/ledger/usage-sum.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { watchedTo } from '../ledger/watched-to.ts';
import { boundFact, runRecord } from './fixtures.ts';

/** What a pod that was bound at 1,000 has held until `now`. */
export function daysOf(run: string, now: number, end: 'open' | 'seen' = 'open', pod = 'p') {
  const ended = { kind: 'ended', key: `${pod}:end`, run, pod, at: now, seen: true } as const;
  return statement([boundFact(run, pod), ...(end === 'seen' ? [ended] : [])], watchedTo(now)).pods.flatMap(
    usageDays,
  );
}
const byKey = (sums: readonly UsageSum[]) =>
  sums.toSorted((a, b) => String(a.key.team).localeCompare(String(b.key.team)) || a.day - b.day);

/** The laws of `UsageStore`, for the store's contract. `run` is recorded. */
export function usageLaws(store: () => Store, run: RunRecord): void {
  test('usage is stale from the first fact on, and again with each new one; and while a pod goes on', async () => {
    const versions = async () => (await store().usage.stale()).map(({ run: id, version }) => [id, version]);
    expect(await versions()).toEqual([]);
    await store().ledger.record([boundFact(run.id, 'p')]);
    expect(await versions()).toEqual([[run.id, 1]]);
    await store().ledger.record([boundFact(run.id, 'p')]);
    expect(await versions()).toEqual([[run.id, 1]]);
    await store().usage.replace([{ run: run.id, version: 1, days: daysOf(run.id, 5_000) }]);
    expect(await versions()).toEqual([[run.id, 1]]);
    await store().usage.replace([{ run: run.id, version: 1, days: daysOf(run.id, 5_000, 'seen') }]);
    expect(await versions()).toEqual([]);
    await store().ledger.record([boundFact(run.id, 'q')]);
    expect(await versions()).toEqual([[run.id, 2]]);
  });

  test('usage is summed by what was asked for and by all that a price depends on, in whole milliseconds', async () => {
    const priced = runRecord({
      id: 'r-2',
      recipe: { ...run.recipe, team: 'red', project: 'apollo' },
      profile: { ...run.profile, price: { currency: 'USD', perDeviceHour: 2, source: 'list' } },
    });
    await store().runs.create([priced]);
    const days = [...daysOf('r-2', 90_000_000, 'seen'), ...daysOf('r-2', 3_000, 'seen', 'q')];
    await store().usage.replace([
      { run: 'r-2', version: 1, days },
      { run: 'r-gone', version: 1, days: daysOf('r-gone', 2_000, 'seen') },
    ]);
    const price = { currency: 'USD', perDeviceHour: 2, source: 'list' };
    const here = { deviceModel: 'H100', capacity: 'on-demand', region: null, doubtfulMilliseconds: 0 };
    expect(byKey(await store().usage.sum({ by: ['team', 'run'] }))).toEqual([
      {
        ...here,
        key: { team: null, run: 'r-gone' },
        day: 0,
        listedPrice: null,
        gpuMilliseconds: 8_000,
        phases: { starting: 8_000 },
        uses: { 'start-up': 8_000 },
      },
      {
        ...here,
        key: { team: 'red', run: 'r-2' },
        day: 0,
        listedPrice: price,
        gpuMilliseconds: (86_400_000 - 1_000 + 2_000) * 8,
        phases: { starting: (86_400_000 - 1_000 + 2_000) * 8 },
        uses: { 'start-up': (86_400_000 - 1_000 + 2_000) * 8 },
      },
      {
        ...here,
        key: { team: 'red', run: 'r-2' },
        day: 1,
        listedPrice: price,
        gpuMilliseconds: 3_600_000 * 8,
        phases: { starting: 3_600_000 * 8 },
        uses: { 'start-up': 3_600_000 * 8 },
      },
    ]);
    const sums = async (query: Parameters<ReturnType<typeof store>['usage']['sum']>[0]) =>
      (await store().usage.sum(query)).map(({ key, day, gpuMilliseconds }) => ({
        key,
        day,
        gpuMilliseconds,
      }));
    expect(await sums({ by: [], since: 1 })).toEqual([{ key: {}, day: 1, gpuMilliseconds: 3_600_000 * 8 }]);
    expect(await sums({ by: ['project'], until: 1, runs: ['r-gone'] })).toEqual([
      { key: { project: null }, day: 0, gpuMilliseconds: 8_000 },
    ]);
  });
}
