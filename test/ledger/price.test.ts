import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { amountOf, decimalsFor, makePrice, roundAmounts } from '../../orchestrator/ledger/price.ts';

const HOUR = 3_600_000;
const dollars = (perHour: number | string) => makePrice('USD', perHour);

test('a price is the decimal that is written, not the binary fraction next to it', () => {
  expect(dollars(2.1).billionthsPerDeviceHour).toBe(2_100_000_000n);
  expect(dollars('0.000000001').billionthsPerDeviceHour).toBe(1n);
  expect(dollars(1e-7).billionthsPerDeviceHour).toBe(100n);
  expect(dollars(0).billionthsPerDeviceHour).toBe(0n);
});

test('what is no plain price is refused with what was found', () => {
  for (const bad of ['-1', '2,49', 'NaN', '', '1.0000000001', Number.NaN, -2])
    expect(() => dollars(bad)).toThrow(`"${bad}" is no price`);
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
