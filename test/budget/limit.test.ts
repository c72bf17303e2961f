import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  figureText,
  limitsOf,
  measure,
  numberOf,
  ofLimitText,
  overrunOf,
  quantityText,
  timeWithin,
  unitName,
} from '../../orchestrator/budget/limit.ts';
import { amountOf, makePrice } from '../../orchestrator/ledger/price.ts';

const HOUR = 3_600_000;
const quantity = fc.bigInt(0n, 10n ** 18n);

test('what is used is what the limit allows and its overrun, and of no more than is used', () => {
  fc.assert(
    fc.property(quantity, quantity, (used, limit) => {
      const overrun = overrunOf({ used, limit });
      const within = used < limit ? used : limit;
      expect(within + overrun).toBe(used);
    }),
  );
  expect(overrunOf({ used: 7n, limit: 7n })).toBe(0n);
  expect(overrunOf({ used: 8n, limit: 7n })).toBe(1n);
});

test('a limit that somebody wrote in hours is the milliseconds that were meant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (milliseconds) => {
      expect(limitsOf({ gpuHours: milliseconds / HOUR })).toEqual([
        { unit: { kind: 'time' }, limit: BigInt(milliseconds) },
      ]);
    }),
  );
});

test('the time within an amount of money costs it, and a millisecond less does not', () => {
  const price = makePrice('USD', 2.49);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (thousandths) => {
      const [limit] = limitsOf({ cost: { amount: thousandths / 1000, currency: 'USD' } });
      if (limit === undefined) throw new Error('no limit');
      const time = timeWithin(limit, price) ?? Number.NaN;
      expect(amountOf(time, price) >= limit.limit).toBe(true);
      expect(amountOf(time - 1, price) < limit.limit).toBe(true);
    }),
  );
});

test('an amount that an earlier version has stored, however large, can be read', () => {
  expect(limitsOf({ cost: { amount: 1e305, currency: 'USD' } })[0]?.limit).toBe(10n ** 314n * BigInt(HOUR));
});

const TIME = { kind: 'time' } as const;
const DOLLARS = { kind: 'money', currency: 'USD' } as const;
const dollars = (amount: number) => amountOf(amount * HOUR, makePrice('USD', 1));

test('device time is told in hours and money in its currency, for people and for programs', () => {
  const hours = BigInt(7 * HOUR);
  expect([quantityText(TIME, hours), figureText(TIME, hours)]).toEqual(['7.00 device-hours', '7.00']);
  expect([quantityText(DOLLARS, dollars(12.5)), figureText(DOLLARS, dollars(12.5))]).toEqual([
    '12.50 USD',
    '12.50 USD',
  ]);
  expect(ofLimitText({ unit: TIME, limit: hours }, BigInt(3.5 * HOUR))).toBe('3.50 of 7.00 device-hours');
  expect([unitName(TIME), numberOf(TIME, hours)]).toEqual(['gpuMilliseconds', 7 * HOUR]);
  expect([unitName(DOLLARS), numberOf(DOLLARS, dollars(12.5))]).toEqual(['USD', 12.5]);
});

test('what has no price in the currency has no measure, and never reaches a limit', () => {
  const euros = makePrice('EUR', 2);
  expect(measure(TIME, 5, null)).toBe(5n);
  expect(measure(DOLLARS, HOUR, makePrice('USD', 2))).toBe(dollars(2));
  expect([measure(DOLLARS, 5, null), measure(DOLLARS, 5, euros)]).toEqual([null, null]);
  const limit = { unit: DOLLARS, limit: dollars(2) };
  expect([null, euros, makePrice('USD', 0)].map((price) => timeWithin(limit, price))).toEqual([
    null,
    null,
    null,
  ]);
  expect(timeWithin({ unit: TIME, limit: 5n }, euros)).toBe(5);
});
