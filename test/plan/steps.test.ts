import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSteps } from '../../orchestrator/plan/steps.ts';

describe('counting steps', () => {
  it('gives the published run 63 x 5 steps, 16 of warm-up and 5,040 passes', () => {
    const count = countSteps(1000, 16, 5, 0.05);
    expect(count).toEqual({ perEpoch: 63, steps: 315, warmup: 16, passesPerEpoch: 1008 });
    expect(count.passesPerEpoch * 5).toBe(5040);
  });

  it('passes every sample once an epoch, and borrows less than a batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e5 }), fc.integer({ min: 1, max: 512 }), (samples, batch) => {
        const { passesPerEpoch } = countSteps(samples, batch, 1, 0);
        expect(passesPerEpoch).toBeGreaterThanOrEqual(samples);
        expect(passesPerEpoch - samples).toBeLessThan(batch);
      }),
    );
  });

  it('never warms up longer than it trains', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.double({ min: 0, max: 0.999, noNaN: true }), (samples, ratio) => {
        const { steps, warmup } = countSteps(samples, 16, 3, ratio);
        expect(warmup).toBeLessThanOrEqual(steps);
      }),
    );
  });
});
