import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { costRecords } from '../../orchestrator/ledger/cost-records.ts';
import { COST_DIMENSIONS, costRows, sumRows, wasteOf } from '../../orchestrator/ledger/cost-rows.ts';
import { amountOf, makePrice } from '../../orchestrator/ledger/price.ts';
import { roundRows } from '../../orchestrator/ledger/round-rows.ts';
import type { UsageSum } from '../../orchestrator/ledger/usage-sum.ts';
import { USES } from '../../orchestrator/ledger/use.ts';
import { PHASES } from '../../orchestrator/wire/phase.ts';

const PRICES = {
  H100: makePrice('USD', 2.69),
  H200: makePrice('EUR', '3.333333333'),
  unpriced: null,
};
const priceOf = ({ deviceModel }: Pick<UsageSum, 'deviceModel'>) =>
  PRICES[deviceModel as keyof typeof PRICES];

const ONE: UsageSum = {
  key: { run: 'r-1' },
  deviceModel: 'H100',
  capacity: 'spot',
  region: 'eu',
  day: 20_784,
  listedPrice: null,
  gpuMilliseconds: 3_600_000,
  doubtfulMilliseconds: 9,
  phases: { training: 3_600_000 },
  uses: { productive: 2_700_000, hang: 900_000 },
};

/** The same time cut twice: by phase and by use. */
const parts = fc.array(fc.nat(5_000_000), { minLength: 1, maxLength: 6 });
const usageSum: fc.Arbitrary<UsageSum> = fc
  .record({
    times: parts,
    first: fc.nat(9),
    run: fc.constantFrom('r-1', 'r-2', 'r-3'),
    team: fc.constantFrom('red', null),
    deviceModel: fc.constantFrom('H100', 'H200', 'unpriced'),
    day: fc.integer({ min: 20_000, max: 20_080 }),
  })
  .map(({ times, first, run, team, deviceModel, day }) => {
    const names = (all: readonly string[]) =>
      Object.fromEntries(times.map((time, index) => [all[(first + index) % all.length] ?? '', time]));
    const gpuMilliseconds = times.reduce((total, time) => total + time, 0);
    return {
      key: { run, team, recipe: 's1', node: `n-${run}` },
      deviceModel,
      capacity: 'on-demand',
      region: null,
      day,
      listedPrice: null,
      gpuMilliseconds,
      doubtfulMilliseconds: Math.min(7, gpuMilliseconds),
      phases: names(PHASES),
      uses: names(USES),
    };
  });
const sums = fc.array(usageSum, { maxLength: 12 });
const dimensions = fc.uniqueArray(fc.constantFrom(...COST_DIMENSIONS), { minLength: 1, maxLength: 3 });

test('whatever rows are told apart by, their time, waste and money in each currency are those of the sums', () => {
  fc.assert(
    fc.property(sums, dimensions, (all, by) => {
      const rows = costRows(all, by, priceOf);
      const total = (of: (sum: UsageSum) => number) => all.reduce((sum, each) => sum + of(each), 0);
      expect(rows.reduce((sum, row) => sum + row.gpuMilliseconds, 0)).toBe(
        total((sum) => sum.gpuMilliseconds),
      );
      for (const model of ['H100', 'H200'] as const) {
        const { currency } = PRICES[model];
        const ofCurrency = rows.filter((row) => row.cost?.currency === currency);
        const held = all.filter((sum) => sum.deviceModel === model);
        const amount = (of: (sum: UsageSum) => number) =>
          held.reduce((sum, each) => sum + amountOf(of(each), PRICES[model]), 0n);
        expect(ofCurrency.reduce((sum, row) => sum + (row.cost?.total ?? 0n), 0n)).toBe(
          amount((sum) => sum.gpuMilliseconds),
        );
        if (!by.includes('phase'))
          expect(ofCurrency.reduce((sum, row) => sum + (row.cost?.waste ?? 0n), 0n)).toBe(
            amount((sum) => wasteOf(sum.uses)),
          );
      }
      const names = rows.map((row) => JSON.stringify([by.map((name) => row.key[name]), row.cost?.currency]));
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test('rows as printed add up to their total as printed, in hours and in money', () => {
  const cents = (text: string | null | undefined) => BigInt((text ?? '0').replace('.', ''));
  fc.assert(
    fc.property(sums, (all) => {
      const rows = costRows(all, ['run'], priceOf).filter((row) => row.cost?.currency === 'USD');
      if (rows.length === 0) return;
      const texts = roundRows(rows);
      const [total] = roundRows([sumRows(rows)]);
      for (const column of ['deviceHours', 'cost', 'waste'] as const)
        expect(texts.reduce((sum, row) => sum + cents(row[column]), 0n)).toBe(cents(total?.[column]));
    }),
  );
});

test('time without a price has rows of its own, without a cost, in whatever else it agrees', () => {
  const sum = (deviceModel: string, day = 20_784): UsageSum => ({
    key: { run: 'r-1' },
    deviceModel,
    capacity: 'spot',
    region: 'eu',
    day,
    listedPrice: null,
    gpuMilliseconds: 3_600_000,
    doubtfulMilliseconds: 0,
    phases: { training: 3_000_000, starting: 600_000 },
    uses: { productive: 2_700_000, recomputation: 300_000, 'start-up': 600_000 },
  });
  const rows = costRows([sum('H100'), sum('unpriced'), sum('H100', 20_785)], ['run'], priceOf);
  expect(costRecords(rows)).toMatchObject([
    {
      run: 'r-1',
      gpuMilliseconds: 7_200_000,
      cost: '5.380000000',
      costOfWaste: '1.345000000',
      currency: 'USD',
    },
    { run: 'r-1', gpuMilliseconds: 3_600_000, cost: null, costOfWaste: null, currency: null },
  ]);
  expect(costRecords(rows)[0]).toMatchObject({ goodput: 0.75, uses: { recomputation: 600_000, hang: 0 } });
  const months = costRows([sum('H100', 20_757), sum('H100', 20_758)], ['month', 'phase'], priceOf);
  expect(months.map(({ key, gpuMilliseconds }) => [key.month, key.phase, gpuMilliseconds])).toEqual([
    ['2026-10', 'starting', 600_000],
    ['2026-10', 'training', 3_000_000],
    ['2026-11', 'starting', 600_000],
    ['2026-11', 'training', 3_000_000],
  ]);
});

test('a row tells its whole time by use, and a phase’s row no uses, no goodput and no waste', () => {
  const [row] = costRows([ONE], ['run', 'team'], priceOf);
  expect(costRecords(row ? [row] : [])).toEqual([
    {
      run: 'r-1',
      team: null,
      gpuMilliseconds: 3_600_000,
      doubtfulGpuMilliseconds: 9,
      uses: { ...Object.fromEntries(USES.map((use) => [use, 0])), productive: 2_700_000, hang: 900_000 },
      goodput: 0.75,
      cost: '2.690000000',
      costOfWaste: '0.672500000',
      currency: 'USD',
    },
  ]);
  const [phase] = costRecords(costRows([ONE], ['phase'], priceOf));
  expect(phase).toEqual({
    phase: 'training',
    gpuMilliseconds: 3_600_000,
    doubtfulGpuMilliseconds: 0,
    uses: null,
    goodput: null,
    cost: '2.690000000',
    costOfWaste: null,
    currency: 'USD',
  });
});

test('rows of one group are one, whichever came first, and the sum of rows is that of all', () => {
  const other = {
    ...ONE,
    gpuMilliseconds: 1_800_000,
    phases: { hung: 1_800_000 },
    uses: { hang: 1_800_000 },
  };
  const rows = costRows([ONE, other], ['run'], priceOf);
  expect(rows).toMatchObject([
    {
      gpuMilliseconds: 5_400_000,
      doubtfulMilliseconds: 18,
      uses: { productive: 2_700_000, hang: 2_700_000 },
    },
  ]);
  const unpriced = costRows([{ ...ONE, deviceModel: 'unpriced' }, other], ['run'], priceOf);
  const sum = sumRows(unpriced);
  expect(sumRows(unpriced.toReversed()).cost).toEqual(sum.cost);
  expect(sum).toMatchObject({ key: {}, gpuMilliseconds: 5_400_000, doubtfulMilliseconds: 18 });
  expect(sum.cost).toEqual({
    currency: 'USD',
    total: amountOf(1_800_000, PRICES.H100),
    waste: amountOf(1_800_000, PRICES.H100),
  });
  expect(sumRows([]).cost).toBeNull();
});

test('the uses of a sum are those of its rows, and none where one of them has none', () => {
  const [row] = costRows([ONE], ['run'], priceOf);
  const [phase] = costRows([ONE], ['phase'], priceOf);
  if (row === undefined || phase === undefined) throw new Error('there are rows');
  expect(sumRows([row, row]).uses).toEqual({ productive: 5_400_000, hang: 1_800_000 });
  for (const rows of [
    [row, phase],
    [phase, row],
  ])
    expect(sumRows(rows).uses).toBeNull();
});

test('time that is not all of some phase is never shown by phase', () => {
  expect(() => costRows([{ ...ONE, phases: { training: 1 } }], ['run', 'phase'], priceOf)).toThrow(
    expect.objectContaining({ problems: [expect.objectContaining({ where: 'all pods by run and phase' })] }),
  );
});

test('of no time there is no goodput', () => {
  expect(costRecords([sumRows([])])).toMatchObject([{ gpuMilliseconds: 0, goodput: null }]);
});

test('what is printed has as many places as show three figures of the total, hours and money apart', () => {
  const rows = costRows([ONE, { ...ONE, key: { run: 'r-2' }, deviceModel: 'unpriced' }], ['run'], priceOf);
  expect(roundRows(rows)).toEqual([
    { deviceHours: '1.00', cost: '2.69', waste: '0.67' },
    { deviceHours: '1.00', cost: null, waste: null },
  ]);
  expect(roundRows(rows, 4)[0]).toEqual({ deviceHours: '1.0000', cost: '2.6900', waste: '0.6725' });
  const phases = roundRows(costRows([ONE], ['phase'], priceOf));
  expect(phases).toEqual([{ deviceHours: '1.00', cost: '2.69', waste: null }]);
});
