import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  amountOf,
  amountOfMoney,
  asHours,
  decimalsFor,
  makePrice,
  priceText,
  roundAmounts,
  unitsOf,
} from '../../orchestrator/ledger/price.ts';

const HOUR = 3_600_000;
const dollars = (perHour: number | string) => makePrice('USD', perHour);

test('a price is the decimal that is written, not the binary fraction next to it', () => {
  expect(dollars(2.1).billionthsPerDeviceHour).toBe(2_100_000_000n);
  expect(dollars('0.000000001').billionthsPerDeviceHour).toBe(1n);
  expect(dollars(1e-7).billionthsPerDeviceHour).toBe(100n);
  expect(dollars(0).billionthsPerDeviceHour).toBe(0n);
});

test('of a price with more than nine places the nearest billionth holds, halves to the even one', () => {
  expect(dollars(2100 / 730).billionthsPerDeviceHour).toBe(2_876_712_329n);
  expect(dollars('0.0000000005').billionthsPerDeviceHour).toBe(0n);
  expect(dollars('0.0000000015').billionthsPerDeviceHour).toBe(2n);
});

test('what is no price is never used as one', () => {
  for (const bad of ['-1', '2,49', 'NaN', '', Number.NaN, -2, Number.POSITIVE_INFINITY])
    expect(() => dollars(bad)).toThrow(`"${bad}" is no price`);
});

test('money is what one device-hour costs at a price of that much, and sums of it are exact', () => {
  const billionths = fc.bigInt(1n, 10n ** 15n);
  fc.assert(
    fc.property(fc.array(billionths, { maxLength: 20 }), (each) => {
      const money = each.map((of) => amountOfMoney({ amount: Number(of) / 1e9, currency: 'USD' }));
      const sum = (all: readonly bigint[]) => all.reduce((total, one) => total + one, 0n);
      expect(sum(money)).toBe(sum(each) * BigInt(HOUR));
    }),
  );
  expect(amountOfMoney({ amount: 2.49, currency: 'USD' })).toBe(amountOf(HOUR, dollars(2.49)));
});

test('sixteen H100 for 26 minutes at 2.49 an hour cost 17.264 exactly', () => {
  const amount = amountOf(16 * 26 * 60_000, dollars(2.49));
  expect(roundAmounts([amount], 3)).toEqual(['17.264']);
  expect(roundAmounts([amount], 2)).toEqual(['17.26']);
});

test('rounded rows add up to the rounded sum, and each is less than one last digit off', () => {
  const rows = fc.array(fc.nat(10 ** 12), { maxLength: 12 });
  const perHour = fc.nat(10 ** 10).map((billionths) => (billionths / 1e9).toFixed(9));
  fc.assert(
    fc.property(rows, perHour, fc.integer({ min: 0, max: 6 }), (times, text, decimals) => {
      const price = dollars(text);
      const amounts = times.map((time) => amountOf(time, price));
      const digits = (row: string) => BigInt(row.replace('.', ''));
      const shown = roundAmounts(amounts, decimals);
      const sum = amounts.reduce((total, amount) => total + amount, 0n);
      expect(shown.reduce((total, row) => total + digits(row), 0n)).toBe(
        digits(roundAmounts([sum], decimals)[0] ?? ''),
      );
      for (const [index, row] of shown.entries()) {
        const off = digits(row) * 3_600_000n * 10n ** 9n - (amounts[index] ?? 0n) * 10n ** BigInt(decimals);
        expect(off < 3_600_000n * 10n ** 9n && off > -3_600_000n * 10n ** 9n).toBe(true);
      }
    }),
  );
});

test('three rows of a third of a cent show the one cent they cost', () => {
  const third = amountOf(12_000, dollars(1));
  expect(roundAmounts([third, third, third], 2)).toEqual(['0.01', '0.00', '0.00']);
});

test('small amounts are shown with more digits', () => {
  expect(decimalsFor(amountOf(HOUR, dollars('1')))).toBe(2);
  expect(decimalsFor(amountOf(HOUR, dollars('0.05')))).toBe(4);
  expect(decimalsFor(amountOf(HOUR, dollars('0.0000001')))).toBe(6);
  expect(decimalsFor(0n)).toBe(2);
});

test('the smallest number of places that shows three figures is chosen, from cents on', () => {
  const places = (dollarsSpent: string) => decimalsFor(amountOf(HOUR, dollars(dollarsSpent)));
  const table = ['1', '0.999999999', '0.1', '0.099999999', '0.01', '0.009999999', '0.001', '0.0009'];
  expect(table.map(places)).toEqual([2, 3, 3, 4, 4, 5, 5, 6]);
});

test('an amount is told in its unit, a price with all of its places, and device time in hours', () => {
  expect(unitsOf(amountOf(HOUR / 2, dollars(2.49)))).toBe(1.245);
  expect(priceText(dollars(2.49))).toBe('2.490000000');
  expect(priceText(dollars('0.000000001'))).toBe('0.000000001');
  expect(roundAmounts([asHours(HOUR * 1.5)], 1)).toEqual(['1.5']);
  expect(roundAmounts([asHours(HOUR * 2)], 0)).toEqual(['2']);
  expect(roundAmounts([], 2)).toEqual([]);
});

test('of rows that would round alike, the largest remainder is rounded up, and the first of equals', () => {
  const cents = (thousandths: number) => amountOf(HOUR, dollars((thousandths / 1000).toFixed(3)));
  expect(roundAmounts([cents(4), cents(6), cents(5)], 2)).toEqual(['0.00', '0.01', '0.01']);
  expect(roundAmounts([cents(5), cents(5)], 2)).toEqual(['0.01', '0.00']);
  expect(roundAmounts([cents(5), cents(5), cents(5), cents(5)], 2)).toEqual(['0.01', '0.01', '0.00', '0.00']);
  expect(roundAmounts([cents(14), cents(6)], 2)).toEqual(['0.01', '0.01']);
});

test('a negative amount of money is refused', () => {
  expect(() => amountOfMoney({ amount: -1, currency: 'USD' })).toThrow('"-1" is no amount of money');
});
