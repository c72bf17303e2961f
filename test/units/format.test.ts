import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatBytes,
  formatDeviceTime,
  formatDuration,
  formatFigure,
  formatInteger,
  formatMoney,
  formatPercent,
  formatSigned,
} from '../../orchestrator/units/format.ts';

test('durations read as a person says them', () => {
  expect([0.4, 9.94, 32, 59.6, 92, 3600, 7530, 86_399, 273_600].map(formatDuration)).toEqual([
    '0.4 s',
    '9.9 s',
    '32 s',
    '1 min 00 s',
    '1 min 32 s',
    '1 h 00 min',
    '2 h 06 min',
    '1 d 0 h',
    '3 d 4 h',
  ]);
});

test('figures keep three significant digits, and whole numbers above 1,000', () => {
  expect([0, 0.004172, 0.999, 6.93, 31.44, 394, 12_500.4, -0.0123].map(formatFigure)).toEqual([
    '0',
    '0.00417',
    '0.999',
    '6.93',
    '31.4',
    '394',
    '12,500',
    '-0.0123',
  ]);
  expect(formatDeviceTime(24_948_000)).toBe('6.93 device-hours');
  expect(formatInteger(1_234_567)).toBe('1,234,567');
});

test('money shows cents, and more where cents would show nothing', () => {
  expect(formatMoney(1234.5, 'USD')).toBe('1,234.50 USD');
  expect(formatMoney(0.00534, 'EUR')).toBe('0.00534 EUR');
  expect(formatMoney(0, 'EUR')).toBe('0.00 EUR');
  fc.assert(
    fc.property(fc.double({ min: 1e-7, max: 1e9, noNaN: true }), (amount) => {
      const shown = Number(formatMoney(amount, 'USD').replace(/[^\d.]/g, ''));
      expect(Math.abs(shown - amount) / amount).toBeLessThan(0.006);
    }),
  );
});

test('bytes climb by thousands and never show a thousand of a unit', () => {
  expect([0, 999, 1000, 32_800_000_000, 999_600, 131e9].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '32.8 GB',
    '1.00 MB',
    '131 GB',
  ]);
});

test('shares and differences say what they are', () => {
  expect([formatPercent(0.743), formatPercent(0.743, 0)]).toEqual(['74.3%', '74%']);
  expect([0.29, -0.01, 0, -0.001].map((value) => formatSigned(value))).toEqual([
    '+0.29',
    '-0.01',
    '0.00',
    '0.00',
  ]);
});
