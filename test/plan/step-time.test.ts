import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionKernel } from '../../orchestrator/plan/attention-kernel.ts';
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
const time = (layout: Layout, where = FREE, longest = 9_000) =>
  stepTimeModel(s1, size, where, layout, LIMITS, longest);

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

describe('attention', () => {
  const squares = 8 * 8_000 ** 2;
  const load = (samples: number) => ({ samples, tokens: 64_000, squares });
  const kernelOf = (documents: number, longest: number, shared = 8) =>
    attentionKernel(architecture, { ...LAYOUT, sequenceParallel: shared }, { documents, longest });

  it('is by cuDNN while its sums over documents as long as the longest take at most 2 GiB on a rank, else by FlashAttention', () => {
    // 12 B x 640 query elements a rank: the 0.8 GB of s1K and the 2.5 GB of s1K-1.1 that decision 0057 names.
    expect(12 * 640 * 12 * 9_109).toBeCloseTo(0.84e9, -8);
    const trainer = readFileSync('trainer/sft/attention.py', 'utf8');
    expect(trainer).toContain('\nMOST_WORKSPACE_BYTES = 2 << 30\n');
    expect(trainer).toContain(
      'return 3 * 4 * (len(docs.cu_seqlens) - 1) * docs.at_most * num_heads * head_size',
    );
    expect(kernelOf(12, 9_109)).toBe('cudnn');
    expect(kernelOf(12, 27_000)).toBe('flash');
    expect(kernelOf(12, 9_109, 1)).toBe('flash');
    // Never told less than a whole multiple of tokens.
    const most = Math.floor(2 ** 31 / (12 * 640 * 1_024));
    expect([kernelOf(most, 1), kernelOf(most + 1, 1)]).toEqual(['cudnn', 'flash']);
  });

  it('takes longer by FlashAttention: 35% of the peak becomes 27%', () => {
    const [cudnn, flash] = [9_000, 40_000].map((longest) => time(LAYOUT, FREE, longest)([load(8)]).compute);
    const attending = (6 * architecture.layers * 5_120 * squares) / (989.4e12 * 8);
    expect((flash ?? 0) - (cudnn ?? 0)).toBeCloseTo(attending * (1 / 0.27 - 1 / 0.35) * 1.08 * 1.07, 4);
  });
});
