import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceMemoryParts, totalBytes } from '../../orchestrator/plan/device-memory.ts';
import {
  CHOSEN_MEMORY_SHARE,
  mostTokens,
  recomputeLimits,
  recomputeOf,
} from '../../orchestrator/plan/recompute.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import type { Recompute } from '../../orchestrator/wire/job-spec.ts';
import { profile, recipe, withTraining } from './fixtures.ts';

const MODES: readonly Recompute[] = ['none', 'gate', 'selective', 'full'];

describe('what a step recomputes', () => {
  it('is the least that fits its tokens, and nothing only where the longest step fits so', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('s1-32b', 's1.1-32b'),
        fc.constantFrom(1, 2, 4),
        fc.integer({ min: 70, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (name, nodes, gigabytes, share) => {
          const base = profile('h100-16');
          const on = { ...base, nodes, device: { ...base.device, memory: gigabytes * 1e9 } };
          const { layout, size, longestTokens, recomputeLimits: limits } = sizeUp(recipe(name), on);
          const fits = (tokens: number, recompute: Recompute) =>
            totalBytes(deviceMemoryParts(recipe(name), size, on.device, layout, { tokens, recompute })) <=
            CHOSEN_MEMORY_SHARE * on.device.memory;
          const hasGate = limits.some(({ mode }) => mode === 'gate');
          const allowed = fits(longestTokens, 'none')
            ? ['none' as const]
            : MODES.slice(hasGate ? 1 : 2).filter(
                (mode) => mode !== 'selective' || !fits(longestTokens, 'gate'),
              );
          const tokens = Math.max(1, Math.round(share * longestTokens));
          const least = allowed.find((mode) => fits(tokens, mode)) ?? 'full';
          expect(recomputeOf(limits, tokens)).toBe(least);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is one mode without a limit where the recipe says which', () => {
    for (const asked of MODES)
      expect(
        recomputeLimits(
          withTraining(recipe('s1-32b'), { recompute: asked }),
          { longest: 9000, mean: 5000 },
          () => 10,
        ),
      ).toEqual([{ mode: asked, upToTokens: null }]);
  });

  it('has rising limits, the last none, and keeps gates where the mean step allows it', () => {
    const most = { none: 10, gate: 50, selective: 100, full: 1000 };
    const of = (longest: number, mean: number) =>
      recomputeLimits(recipe('s1-32b'), { longest, mean }, (mode) => most[mode]);
    const full = { mode: 'full', upToTokens: null };
    expect(of(10, 5)).toEqual([{ mode: 'none', upToTokens: 10 }, full]);
    expect(of(50, 5)).toEqual([{ mode: 'gate', upToTokens: 50 }, full]);
    expect(of(51, 50)).toEqual([
      { mode: 'gate', upToTokens: 50 },
      { mode: 'selective', upToTokens: 100 },
      full,
    ]);
    // A way that few steps can go is not worth compiling.
    expect(of(99, 51)).toEqual([{ mode: 'selective', upToTokens: 100 }, full]);
  });
});

it('a step of which nothing is said recomputes all', () => {
  expect(recomputeOf([], 5)).toBe('full');
  expect(recomputeOf([{ mode: 'gate', upToTokens: 4 }], 5)).toBe('full');
});

it('what fits always has a number that can be counted to', () => {
  expect(Number.isSafeInteger(mostTokens(() => true))).toBe(true);
});

it('the most tokens that fit are found, whatever their number', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (most) => {
      expect(mostTokens((tokens) => tokens <= most)).toBe(most);
    }),
  );
});
