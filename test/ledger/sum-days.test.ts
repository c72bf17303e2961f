import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { sumDays } from '../../orchestrator/ledger/sum-days.ts';
import { type UsageDay, usageDays } from '../../orchestrator/ledger/usage-day.ts';
import { facts } from './arbitrary-facts.ts';
import { unwatched } from './watched-to.ts';

const RED = { recipe: 'r', team: 'red', project: null, costCenter: null, listedPrice: null };

test('sums of days hold all of the days that were asked for, whatever they are told apart by', () => {
  const stretched = facts.map((known) => known.map((fact) => ({ ...fact, at: fact.at * 25_000 })));
  const by = fc.subarray(['run', 'stage', 'node', 'team', 'recipe'] as const);
  fc.assert(
    fc.property(stretched, by, fc.nat(3), fc.nat(3), (known, dimensions, since, length) => {
      const days = statement(known, unwatched(300_000_000)).pods.flatMap(usageDays);
      const range = { since, until: since + length };
      const asked = days.filter(({ day }) => day >= since && day < since + length);
      const sums = sumDays(days, dimensions, (run) => (run === 'run-1' ? RED : undefined), range);
      const total = (of: readonly { gpuMilliseconds: number; doubtfulMilliseconds: number }[]) =>
        of.reduce((sum, each) => sum + each.gpuMilliseconds + each.doubtfulMilliseconds, 0);
      expect(total(sums)).toBe(total(asked));
      for (const { uses, phases, gpuMilliseconds } of sums)
        for (const parts of [uses, phases])
          expect(Object.values(parts).reduce((sum, time) => sum + time, 0)).toBe(gpuMilliseconds);
      const keys = sums.map(({ key, day, deviceModel }) => JSON.stringify([key, day, deviceModel]));
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

const day: UsageDay = {
  run: 'run-1',
  stage: 'train',
  attempt: 1,
  pod: 'p',
  node: 'n0',
  deviceModel: 'H100',
  devices: 2,
  capacity: 'spot',
  region: 'eu',
  end: 'seen',
  day: 7,
  from: 0,
  to: 5,
  gpuMilliseconds: 10,
  doubtfulMilliseconds: 3,
  phases: { training: 6, starting: 4 },
  uses: { productive: 6, 'start-up': 4 },
};

test('days that agree in all that a price depends on are one sum, told by what was asked for', () => {
  const price = { currency: 'USD', perDeviceHour: 2, source: 'list' };
  const later = { ...day, pod: 'q', phases: { training: 10 }, uses: { productive: 10 } };
  const known = () => ({ ...RED, listedPrice: price });
  expect(sumDays([day, later], ['run', 'team', 'project'], known)).toEqual([
    {
      key: { run: 'run-1', team: 'red', project: null },
      deviceModel: 'H100',
      capacity: 'spot',
      region: 'eu',
      day: 7,
      listedPrice: price,
      gpuMilliseconds: 20,
      doubtfulMilliseconds: 6,
      phases: { training: 16, starting: 4 },
      uses: { productive: 16, 'start-up': 4 },
    },
  ]);
  const apart: readonly Partial<UsageDay>[] = [
    { deviceModel: 'H200' },
    { capacity: 'reserved' },
    { region: null },
    { day: 8 },
  ];
  for (const change of apart) expect(sumDays([day, { ...day, ...change }], ['run'], known)).toHaveLength(2);
  expect(sumDays([day], ['run', 'team', 'node', 'stage'], () => undefined)).toMatchObject([
    { key: { run: 'run-1', team: null, node: 'n0', stage: 'train' }, listedPrice: null },
  ]);
});

test('the first day that was asked for is counted, the one after the last is not, and without a range all are', () => {
  const days = [6, 7, 8].map((each) => ({ ...day, day: each }));
  const daysOf = (range?: Parameters<typeof sumDays>[3]) =>
    sumDays(days, ['run'], () => undefined, range).map((sum) => sum.day);
  expect(daysOf()).toEqual([6, 7, 8]);
  expect(daysOf({ since: 7 })).toEqual([7, 8]);
  expect(daysOf({ until: 8 })).toEqual([6, 7]);
});
