import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  overlaps,
  type PriceBook,
  PriceBookSchema,
  type PriceEntry,
} from '../../orchestrator/ledger/price-book.ts';
import { type Priced, priceOn } from '../../orchestrator/ledger/price-on.ts';
import { dayOf } from '../../orchestrator/ledger/usage-day.ts';

const entry = (change: Partial<PriceEntry> = {}): PriceEntry => ({
  deviceModel: 'H100',
  capacity: 'on-demand',
  currency: 'USD',
  perDeviceHour: 2,
  source: 'contract 7',
  ...change,
});
const time = (change: Partial<Priced> = {}, date = '2026-11-27'): Priced => ({
  deviceModel: 'H100',
  capacity: 'on-demand',
  region: null,
  day: dayOf(Date.parse(date)),
  listedPrice: { currency: 'EUR', perDeviceHour: 9, source: 'profile' },
  ...change,
});
const book = (...prices: readonly PriceEntry[]): PriceBook => ({ kind: 'PriceBook', prices: [...prices] });

test('the price is that of the model, its terms and region on that day, and says where it comes from', () => {
  const prices = book(
    entry({ until: '2026-10-31' }),
    entry({ from: '2026-11-01', perDeviceHour: 2.500000001 }),
    entry({ from: '2026-11-01', region: 'eu', perDeviceHour: 3 }),
    entry({ capacity: 'spot', perDeviceHour: 1 }),
  );
  const at = (change: Partial<Priced>, date?: string) =>
    Number(priceOn(prices, time(change, date))?.perDeviceHour);
  expect(at({}, '2026-10-31')).toBe(2);
  expect(at({}, '2026-11-01')).toBe(2.500000001);
  expect(at({ region: 'eu' })).toBe(3);
  expect(at({ region: 'eu' }, '2026-10-01')).toBe(2);
  expect(at({ region: 'us' })).toBe(2.500000001);
  expect(at({ capacity: 'spot' })).toBe(1);
  expect(priceOn(prices, time())).toMatchObject({ currency: 'USD', source: 'contract 7' });
  expect(priceOn(prices, time())?.billionthsPerDeviceHour).toBe(2_500_000_001n);
});

test('a gap in the book is a missing price; a model that it does not name has the one its profile lists, if any', () => {
  const prices = book(entry({ from: '2026-12-01' }), entry({ capacity: 'reserved' }));
  expect(priceOn(prices, time())).toBeNull();
  expect(priceOn(prices, time({ capacity: 'spot' }))).toBeNull();
  expect(priceOn(prices, time({ deviceModel: 'H200' }))).toMatchObject({
    currency: 'EUR',
    source: 'profile',
  });
  expect(priceOn(null, time())).toMatchObject({ currency: 'EUR', perDeviceHour: '9.000000000' });
  expect(priceOn(null, time({ listedPrice: null }))).toBeNull();
});

test('two entries overlap where both would hold on some day, and only then', () => {
  const day = fc.integer({ min: 0, max: 40 }).map((days) => dayOf(0) + days);
  const text = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
  const period = fc
    .record({ from: fc.option(day, { nil: undefined }), until: fc.option(day, { nil: undefined }) })
    .filter(({ from = 0, until = Number.POSITIVE_INFINITY }) => from <= until);
  fc.assert(
    fc.property(period, period, fc.boolean(), (a, b, sameTerms) => {
      const entries = [a, b].map(({ from, until }, index) =>
        entry({
          ...(from !== undefined && { from: text(from) }),
          ...(until !== undefined && { until: text(until) }),
          ...(index === 1 && !sameTerms && { capacity: 'spot' }),
        }),
      );
      const holds = (of: typeof a, days: number) =>
        days >= (of.from ?? Number.NEGATIVE_INFINITY) && days <= (of.until ?? Number.POSITIVE_INFINITY);
      const both = Array.from({ length: 42 }, (_, days) => days).some(
        (days) => holds(a, days) && holds(b, days),
      );
      expect(overlaps(book(...entries))).toEqual(both && sameTerms ? [[0, 1]] : []);
    }),
  );
});

test('a price that has no end overlaps each that begins before its own end, in either order', () => {
  const [open, ended] = [entry({ from: '2026-10-01' }), entry({ from: '2026-10-15', until: '2026-10-31' })];
  expect(overlaps(book(open, ended))).toEqual([[0, 1]]);
  expect(overlaps(book(ended, open))).toEqual([[0, 1]]);
});

test('prices overlap on a single day, too, and those of two models never do', () => {
  const [first, second] = [entry({ until: '2026-10-31' }), entry({ from: '2026-10-31' })];
  expect([overlaps(book(first, second)), overlaps(book(second, first))]).toEqual([[[0, 1]], [[0, 1]]]);
  expect(overlaps(book(entry(), entry({ deviceModel: 'H200' })))).toEqual([]);
});

test('prices of two regions do not overlap, and one region has no price of another', () => {
  const [eu, us] = [entry({ region: 'eu' }), entry({ region: 'us' })];
  expect(overlaps(book(eu, us, entry()))).toEqual([]);
  expect(overlaps(book(eu, us, eu))).toEqual([[0, 2]]);
  expect(priceOn(book(eu), time({ region: 'us' }))).toBeNull();
  expect(priceOn(book(eu), time())).toBeNull();
});

test('a book is refused whose entries end before they begin, or lack what a bill needs', () => {
  const told = (...prices: readonly object[]) => {
    const parsed = PriceBookSchema.safeParse({ kind: 'PriceBook', prices });
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => [path.join('.'), message]);
  };
  const day = '2026-11-01';
  expect(told(entry({ from: day, until: day }), entry({ until: day, region: 'eu' }), entry())).toEqual([]);
  expect(told(entry({ from: day }))).toEqual([]);
  expect(told(entry({ from: '2026-11-02', until: day }))).toEqual([
    ['prices.0.until', 'expected a day that is not before `from`'],
  ]);
  for (const wrong of [
    { deviceModel: '' },
    { source: '' },
    { region: '' },
    { capacity: 'free' },
    { from: 'May' },
    { note: 'more' },
  ])
    expect(told({ ...entry(), ...wrong })).not.toEqual([]);
  expect(PriceBookSchema.safeParse({ kind: 'Prices', prices: [] }).success).toBe(false);
  expect(PriceBookSchema.safeParse({ kind: 'PriceBook', prices: [], more: 1 }).success).toBe(false);
});
