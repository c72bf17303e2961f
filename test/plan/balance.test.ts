import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idleShare, shareOut, simulateSteps } from '../../orchestrator/plan/balance.ts';
import { seededRandom, shuffled } from '../../orchestrator/plan/random.ts';

const cost = (length: number) => length + length * length;
const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const lengths = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 });

describe('sharing out a batch', () => {
  it('gives every sample to exactly one group', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 8 }), (samples, groups) => {
        const shares = shareOut(samples, groups, cost);
        expect(shares).toHaveLength(groups);
        expect(ascending(shares.flat())).toEqual(ascending(samples));
      }),
    );
  });

  it('is within 4/3 of the mean or the dearest sample, whichever is more (Graham 1969)', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 8 }), (samples, groups) => {
        const costs = shareOut(samples, groups, cost).map((share) =>
          share.reduce((sum, l) => sum + cost(l), 0),
        );
        const total = costs.reduce((sum, each) => sum + each, 0);
        const sorted = samples.map(cost).toSorted((a, b) => b - a);
        const pair = (sorted[groups - 1] ?? 0) + (sorted[groups] ?? 0);
        const bound = Math.max(total / groups, sorted[0] ?? 0, groups < samples.length ? pair : 0);
        expect(Math.max(...costs)).toBeLessThanOrEqual((4 / 3) * bound + 1e-6);
      }),
    );
  });
});

describe('simulated steps', () => {
  it('pass every sample once an epoch, and fill the last batch from the epoch’s own start', () => {
    const samples = Array.from({ length: 10 }, (_, index) => index + 1);
    const steps = simulateSteps({ lengths: samples, batch: 4, epochs: 1, groups: 1, seed: 3, cost });
    const order = shuffled(samples, seededRandom(3));
    const tokens = steps.map((step) => step.reduce((sum, load) => sum + load.tokens, 0));
    const sum = (...indices: number[]) => indices.reduce((total, index) => total + (order[index] ?? 0), 0);
    expect(tokens).toEqual([sum(0, 1, 2, 3), sum(4, 5, 6, 7), sum(8, 9, 0, 1)]);
  });

  it('leave an idle share in [0, 1), the same for the same seed', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 4 }), fc.nat(99), (samples, groups, seed) => {
        const run = () =>
          simulateSteps({ lengths: samples, batch: 4 * groups, epochs: 2, groups, seed, cost });
        const idle = idleShare(run(), (load) => load.tokens + load.squares);
        expect(idle).toBeGreaterThanOrEqual(0);
        expect(idle).toBeLessThan(1);
        expect(run()).toEqual(run());
      }),
    );
  });

  it('leave nothing idle with one group', () => {
    const steps = simulateSteps({ lengths: [5, 900, 31], batch: 2, epochs: 3, groups: 1, seed: 0, cost });
    expect(idleShare(steps, ({ tokens }) => tokens)).toBe(0);
  });

  it('shuffle without losing anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        expect(ascending(shuffled(items, seededRandom(seed)))).toEqual(ascending(items));
      }),
    );
  });
});
