import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FOCUS_COLUMNS,
  type FocusRun,
  focusRecords,
  type PricedUsage,
} from '../../orchestrator/ledger/focus.ts';
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

const sum: PricedUsage['sum'] = {
  key: { run: 'r-1', node: 'gpu-0', stage: 'train' },
  deviceModel: 'H100',
  capacity: 'spot',
  region: 'eu-1',
  listedPrice: null,
  day: 20_784,
  gpuMilliseconds: 3 * HOUR,
  doubtfulMilliseconds: 0,
  phases: {},
  uses: { productive: 2 * HOUR, 'start-up': HOUR },
};

test('a charge says what was held, where, at which price and for whom, waste apart from work', () => {
  const [work, waste, ...others] = focusRecords([{ sum, price }], run);
  expect(others).toEqual([]);
  expect(work).toEqual({
    AvailabilityZone: null,
    BilledCost: '4.980000000',
    BillingAccountId: 'Stint',
    BillingAccountName: 'Stint',
    BillingCurrency: 'USD',
    BillingPeriodEnd: '2026-12-01T00:00:00Z',
    BillingPeriodStart: '2026-11-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeDescription: 'train on gpu-0, productive; price: contract 7',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: '2026-11-28T00:00:00Z',
    ChargePeriodStart: '2026-11-27T00:00:00Z',
    ChargeType: 'Usage',
    CommitmentDiscountCategory: null,
    CommitmentDiscountId: null,
    CommitmentDiscountName: null,
    CommitmentDiscountStatus: null,
    CommitmentDiscountType: null,
    ConsumedQuantity: '2.000000000',
    ConsumedUnit: 'Hours',
    ContractedCost: '4.980000000',
    ContractedUnitPrice: '2.490000000',
    EffectiveCost: '4.980000000',
    InvoiceIssuer: 'Stint',
    InvoiceIssuerName: 'Stint',
    ListCost: '4.980000000',
    ListUnitPrice: '2.490000000',
    PricingCategory: 'Dynamic',
    PricingQuantity: '2.000000000',
    PricingUnit: 'Hours',
    Provider: 'Stint',
    ProviderName: 'Stint',
    Publisher: 'Stint',
    PublisherName: 'Stint',
    RegionId: 'eu-1',
    RegionName: 'eu-1',
    ResourceID: 'r-1',
    ResourceId: 'r-1',
    ResourceName: 'r-1',
    ResourceType: 'Training run',
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'Stint',
    SkuId: 'H100/spot/eu-1',
    SkuPriceId: 'H100/spot/eu-1@2.490000000 USD',
    SubAccountId: 'project of r-1',
    SubAccountName: 'project of r-1',
    Tags: JSON.stringify({
      'stint/run': 'r-1',
      'stint/stage': 'train',
      'stint/node': 'gpu-0',
      'stint/use': 'productive',
      'stint/recipe': 'r-1',
      'stint/recipe-digest': 'sha256:0',
      'stint/cluster': 'h100-16',
      'stint/project': 'project of r-1',
    }),
  });
  expect(waste).toMatchObject({
    BilledCost: '2.490000000',
    ConsumedQuantity: '1.000000000',
    ChargeDescription: 'train on gpu-0, waste: start-up; price: contract 7',
  });
  expect(FOCUS_COLUMNS).toEqual(Object.keys(work ?? {}));
});

test('who pays is the cost center, and within it the project or else the team; of an unknown run nothing is said', () => {
  const known = run('r-1');
  const first = (of: FocusRun | null, more: Partial<typeof sum> = {}) =>
    focusRecords([{ sum: { ...sum, ...more }, price }], () => of)[0];
  expect(first({ ...known, costCenter: 'cc-1', project: null, team: 'red' })).toMatchObject({
    BillingAccountId: 'cc-1',
    BillingAccountName: 'cc-1',
    SubAccountId: 'red',
    Tags: expect.stringContaining('"stint/team":"red","stint/cost-center":"cc-1"'),
  });
  expect(first({ ...known, team: 'red' })).toMatchObject({ SubAccountId: 'project of r-1' });
  expect(first(null)).toMatchObject({ ResourceName: null, SubAccountId: null, BillingAccountId: 'Stint' });
  expect(first(known, { capacity: 'on-demand', region: null })).toMatchObject({
    PricingCategory: 'Standard',
    SkuId: 'H100/on-demand',
    RegionId: null,
  });
  expect(first(known, { capacity: 'reserved' })?.['PricingCategory']).toBe('Committed');
  const nobodys = { sum: { ...sum, key: {} }, price };
  expect(focusRecords([nobodys], () => null)[0]).toMatchObject({ ResourceID: '', ResourceId: '' });
  const asked: string[] = [];
  focusRecords([{ sum, price }], (id) => {
    asked.push(id);
    return null;
  });
  expect(new Set(asked)).toEqual(new Set(['r-1']));
});
