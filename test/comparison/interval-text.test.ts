import { expect, test } from 'vitest';
import { intervalText, negate } from '../../orchestrator/comparison/interval-text.ts';

const difference = { difference: 0.29, low: 0.24, high: 0.344, n: 200 };

test('prints a difference with its sign and its bounds', () => {
  expect(intervalText(difference)).toBe('+0.29 [0.24, 0.34]');
  expect(intervalText(negate(difference))).toBe('-0.29 [-0.34, -0.24]');
});

test('never prints a bound as 0 that is not', () => {
  expect(intervalText({ difference: 0.02, low: 0.004, high: 0.05, n: 500 })).toBe('+0.020 [0.004, 0.050]');
  expect(intervalText({ difference: 0.02, low: 0, high: 0.05, n: 500 })).toBe('+0.02 [0.00, 0.05]');
});
