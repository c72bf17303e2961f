import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filledUp } from '../../orchestrator/plan/filler.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import type { Layout } from '../../orchestrator/plan/parallelism.ts';
import { exchangedBytes, gatheredBytes } from '../../orchestrator/plan/rank-work.ts';
import { stepTimeModel } from '../../orchestrator/plan/step-time.ts';
import { profile, recipe } from './fixtures.ts';

const s1 = recipe('s1-32b');
const h100 = profile('h100-16');
const { architecture } = s1.model;
const size = modelSize(architecture, 152_064);
const LAYOUT: Layout = {
  nodes: 2,
  devicesPerNode: 8,
  world: 16,
  sequenceParallel: 8,
  groups: 2,
  shards: 8,
  sharding: 'hybrid',
  tokenMultiple: 128,
  documentMultiple: 4,
};
const FREE = { ...h100, network: { ...h100.network, nodeGBps: 1e12, ringGBps: 1e12 } };
const on = (network: Partial<typeof h100.network>) => ({
  ...FREE,
  network: { ...FREE.network, ...network },
});
const LIMITS = [{ mode: 'selective', upToTokens: null }] as const;
const time = (layout: Layout, where = FREE) => stepTimeModel(s1, size, where, layout, LIMITS);

describe('a group’s load', () => {
  it('is filled up to whole multiples on each rank by documents of their own, and a full one by nothing', () => {
    const tokens = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), tokens, fc.nat(10 ** 9), (samples, count, squares) => {
        const load = { samples, tokens: count, squares };
        const filled = filledUp(load, LAYOUT);
        const seconds = time(LAYOUT);
        expect(seconds([load])).toEqual(seconds([filled]));
        const more = { ...filled, tokens: filled.tokens + 8 * 128, squares: filled.squares + 8 * 128 };
        expect(seconds([filled]).compute).toBeLessThan(seconds([more]).compute);
      }),
    );
  });

  it('takes as long as the slowest group’s', () => {
    const [small, large] = [
      { samples: 4, tokens: 8_192, squares: 8_192 ** 2 },
      { samples: 4, tokens: 16_384, squares: 16_384 ** 2 },
    ];
    const seconds = time(LAYOUT);
    expect(seconds([small, large])).toEqual(seconds([large]));
    expect(seconds([large, small, small])).toEqual(seconds([large]));
  });
});

describe('collectives', () => {
  const load = { samples: 4, tokens: 8 * 128, squares: 128 ** 2 };
  const gathered = gatheredBytes(architecture, size, { computeBytes: 2 });
  const reduced = 4 * size.parameters;

  it('move (ranks - 1) / ranks of weights and gradients over the ring where all ranks share them', () => {
    const layout: Layout = { ...LAYOUT, sharding: 'full', shards: 16 };
    const { network, ring } = time(layout, on({ ringGBps: 50 }))([load]);
    expect(ring).toBeCloseTo(((gathered + reduced) * 15) / 16 / 50e9, 6);
    expect(network).toBe(ring);
  });

  it('move them inside each node where each has a replica, and twice half the gradients between two', () => {
    const { ring } = time(LAYOUT, on({ ringGBps: 50 }))([load]);
    expect(ring).toBeCloseTo((2 * reduced) / 2 / 50e9, 6);
    const three = { ...LAYOUT, nodes: 3, world: 24, groups: 3 };
    expect(time(three, on({ ringGBps: 50 }))([load]).ring).toBeCloseTo((2 * reduced * 2) / 3 / 50e9, 6);
    const inside = ((gathered + reduced) * 7) / 8 / 100e9;
    expect(time(LAYOUT, on({ nodeGBps: 100 }))([load]).network).toBeCloseTo(inside, 6);
    expect(time(LAYOUT, on({ ringGBps: 50, nodeGBps: 100 }))([load]).network).toBeCloseTo(
      Math.max(inside, reduced / 50e9),
      6,
    );
  });

  it('hide behind what is computed as far as they fit', () => {
    const slow = time(LAYOUT, on({ ringGBps: 1 }))([load]);
    const fast = time(LAYOUT)([load]);
    expect(slow.seconds - slow.network).toBeCloseTo(fast.seconds - fast.compute, 9);
    expect(slow.network).toBeGreaterThan(slow.compute);
    expect(fast.network).toBeLessThan(fast.compute);
  });

  it('exchange all but a rank’s own part of a sequence inside the node, and nothing where none is shared', () => {
    const large = { samples: 4, tokens: 16_384, squares: 16_384 ** 2 };
    const added = (layout: Layout) =>
      time(layout, on({ nodeGBps: 100 }))([large]).compute - time(layout)([large]).compute;
    const bytes = exchangedBytes(
      architecture,
      { computeBytes: 2 },
      { tokens: 16_384 / 8, recompute: 'selective' },
    );
    expect(added(LAYOUT)).toBeCloseTo((bytes * 7) / 8 / 100e9, 6);
    expect(added({ ...LAYOUT, sequenceParallel: 1, groups: 16 })).toBe(0);
  });
});

describe('a device alone', () => {
  it('computes without contention, which ranks that share their work pay for', () => {
    const load = { samples: 4, tokens: 8_192, squares: 8_192 ** 2 };
    const alone: Layout = { ...LAYOUT, nodes: 1, world: 1, sequenceParallel: 1, groups: 1, shards: 1 };
    const many = { ...alone, world: 2 };
    expect(time(many)([load]).compute / time(alone)([load]).compute).toBeCloseTo(1.07, 9);
  });
});
