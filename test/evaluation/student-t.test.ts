import { expect, test } from 'vitest';
import { studentQuantile } from '../../orchestrator/evaluation/student-t.ts';

test.each([
  [1, 12.7062],
  [2, 4.3027],
  [3, 3.1824],
  [10, 2.2281],
  [29, 2.0452],
  [197, 1.9721],
  [499, 1.9647],
  [100_000, 1.96],
])('with %i degrees of freedom one in twenty lies beyond %d', (degrees, quantile) => {
  expect(studentQuantile(degrees)).toBeCloseTo(quantile, 3);
});

test('without a degree of freedom nothing is bounded', () => {
  expect(studentQuantile(0)).toBe(Number.POSITIVE_INFINITY);
});
