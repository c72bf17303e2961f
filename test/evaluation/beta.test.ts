import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { betaQuantile } from '../../orchestrator/evaluation/beta.ts';

test('is where closed forms say', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 400 }),
      (share, a) => {
        // B(a, 1) has the distribution x^a, and B(1, b) has 1 - (1 - x)^b.
        expect(betaQuantile(share, a, 1)).toBeCloseTo(share ** (1 / a), 12);
        expect(betaQuantile(share, 1, a)).toBeCloseTo(1 - (1 - share) ** (1 / a), 12);
        // Symmetric about one half.
        expect(betaQuantile(0.5, a, a)).toBeCloseTo(0.5, 12);
        expect(betaQuantile(share, a, 2.5) + betaQuantile(1 - share, 2.5, a)).toBeCloseTo(1, 10);
      },
    ),
  );
});

test('rises with the share', () => {
  const parameter = fc.double({ min: 0.5, max: 2_000, noNaN: true });
  fc.assert(
    fc.property(parameter, parameter, (a, b) => {
      const shares = [0.025, 0.3, 0.5, 0.7, 0.975].map((share) => betaQuantile(share, a, b));
      expect(shares).toEqual(shares.toSorted((x, y) => x - y));
      expect(new Set(shares).size).toBe(5);
    }),
  );
});

test('has its ends where there are no successes, or no failures', () => {
  expect([betaQuantile(0.025, 0, 30), betaQuantile(0.975, 30, 0)]).toEqual([0, 1]);
});
