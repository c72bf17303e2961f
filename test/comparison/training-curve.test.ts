import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { finalLoss, thinCurve } from '../../orchestrator/comparison/training-curve.ts';

const curve = fc
  .array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 700 })
  .map((losses) => losses.map((loss, index) => ({ step: index + 1, loss })));

test('a thinned curve keeps its end, its range and its limit', () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 1, max: 200 }), (points, limit) => {
      const thin = thinCurve(points, limit);
      expect(thin.length).toBeLessThanOrEqual(limit);
      expect(thin.at(-1)?.step).toBe(points.length);
      const losses = points.map((point) => point.loss);
      for (const { loss } of thin) {
        expect(loss).toBeGreaterThanOrEqual(Math.min(...losses) - 1e-9);
        expect(loss).toBeLessThanOrEqual(Math.max(...losses) + 1e-9);
      }
    }),
  );
});

test('the final loss is the mean of the last tenth', () => {
  const points = Array.from({ length: 20 }, (_, index) => ({ step: index + 1, loss: index }));
  expect(finalLoss(points)).toBe(18.5);
  expect(finalLoss(points.slice(0, 3))).toBe(2);
  expect(finalLoss([])).toBeNull();
});
