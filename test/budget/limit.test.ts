import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitsOf, overrunOf, timeWithin } from '../../orchestrator/budget/limit.ts';
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
