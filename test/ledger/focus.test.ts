import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FocusRun, focusRecords, type PricedUsage } from '../../orchestrator/ledger/focus.ts';
import { makePrice, priceText } from '../../orchestrator/ledger/price.ts';
import { USES } from '../../orchestrator/ledger/use.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const dollars = makePrice('USD', 2.49);
const price = { ...dollars, perDeviceHour: priceText(dollars), source: 'contract 7' };

const run = (recipe: string): FocusRun => ({
  recipe,
  arm: recipe,
  recipeDigest: 'sha256:0',
  team: null,
  project: `project of ${recipe}`,
  costCenter: null,
  cluster: 'h100-16',
});

const usage = fc
  .record({
    run: fc.constantFrom('r-1', 'r-2', 'r-3'),
    day: fc.integer({ min: 0, max: 40_000 }),
    uses: fc.dictionary(fc.constantFrom(...USES), fc.integer({ min: 1, max: 10 ** 10 })),
  })
  .map(
    ({ run: id, day, uses }): PricedUsage => ({
      sum: {
        key: { run: id, node: 'gpu-0', stage: 'train' },
        deviceModel: 'H100',
        capacity: 'on-demand',
        region: null,
        listedPrice: null,
        day,
        gpuMilliseconds: Object.values(uses).reduce((sum, time) => sum + time, 0),
        doubtfulMilliseconds: 0,
        phases: {},
        uses,
      },
      price,
    }),
  );

test('a charge is for the whole day in which the time was held, and billed with its month', () => {
  fc.assert(
    fc.property(usage, (one) => {
      for (const record of focusRecords([one], run)) {
        const at = (column: string) => Date.parse(record[column] ?? '');
        expect(at('ChargePeriodStart')).toBe(one.sum.day * DAY);
        expect(at('ChargePeriodEnd') - at('ChargePeriodStart')).toBe(DAY);
        expect(at('BillingPeriodStart')).toBeLessThanOrEqual(at('ChargePeriodStart'));
        expect(at('BillingPeriodEnd')).toBeGreaterThanOrEqual(at('ChargePeriodEnd'));
        const [from, to] = [new Date(at('BillingPeriodStart')), new Date(at('BillingPeriodEnd'))];
        expect([from.getUTCDate(), to.getUTCDate()]).toEqual([1, 1]);
        expect((to.getUTCMonth() - from.getUTCMonth() + 12) % 12).toBe(1);
      }
    }),
  );
});

test('each use of each day is one charge to its own run, and charges add up to the time and its cost', () => {
  const billionths = (text: string | null | undefined) => BigInt((text ?? '').replace('.', ''));
  const half = (numerator: bigint, denominator: bigint) =>
    (2n * numerator + denominator) / (2n * denominator);
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 8 }), (all) => {
      const records = focusRecords(all, run);
      const held = all.flatMap(({ sum }) =>
        USES.flatMap((use) => (sum.uses[use] ? [{ run: sum.key.run, use, time: sum.uses[use] }] : [])),
      );
      expect(records.map(({ ResourceId, SubAccountId }) => [ResourceId, SubAccountId])).toEqual(
        held.map((each) => [each.run, `project of ${each.run}`]),
      );
      const total = (column: string) => records.reduce((sum, record) => sum + billionths(record[column]), 0n);
      const time = held.reduce((sum, each) => sum + BigInt(each.time), 0n);
      expect(total('BilledCost')).toBe(half(time * dollars.billionthsPerDeviceHour, BigInt(HOUR)));
      expect(total('ConsumedQuantity')).toBe(half(time * 10n ** 9n, BigInt(HOUR)));
      for (const [index, record] of records.entries()) {
        const hours = Number(record['ConsumedQuantity']);
        expect(hours).toBeCloseTo((held[index]?.time ?? 0) / HOUR, 8);
        expect(Math.abs(Number(record['BilledCost']) - hours * 2.49)).toBeLessThan(1e-8);
      }
    }),
  );
});
