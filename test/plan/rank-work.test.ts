import { describe, expect, it } from 'vitest';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import {
  collectiveBytes,
  exchangedBytes,
  gatheredBytes,
  rankFlops,
  repeatedWeights,
} from '../../orchestrator/plan/rank-work.ts';
import { TINY } from './fixtures.ts';

const SIZE = modelSize(TINY, 32);

it('a block’s weights: q and o of 8 x 8, k and v of 8 x 4, three of 8 x 16, biases and two norms', () => {
  const projections = 2 * 64 + 2 * 32 + 3 * 128;
  expect(SIZE).toEqual({
    block: projections + 8 + 2 * 4 + 2 * 8,
    embedding: 256,
    parameters: 3 * (projections + 32) + 8 + 2 * 256,
    matmul: 3 * projections + 256,
    vocabulary: 32,
  });
  const tied = modelSize({ ...TINY, tiedEmbeddings: true }, 32);
  expect(SIZE.parameters - tied.parameters).toBe(256);
});

describe('what a backward pass does again', () => {
  it.each([
    ['none', true, 0],
    ['none', false, 0],
    ['selective', true, 2 * 128],
    ['selective', false, 2 * 128 + 64 + 2 * 32],
    ['full', true, 64 + 2 * 32 + 64 + 3 * 128],
    ['full', false, 64 + 2 * 32 + 64 + 2 * 128],
  ] as const)('recomputing %s, compiled %s: products of %i weights', (recompute, compile, weights) => {
    expect(repeatedWeights(TINY, recompute, { compile, fp8: false })).toBe(weights);
  });

  it.each([
    ['gate', true, 128 + 64 + 32],
    ['selective', true, 2 * 128 + 64 + 32],
    ['selective', false, 2 * 128 + 64 + 2 * 32],
    ['full', true, 64 + 2 * 32 + 64 + 3 * 128],
  ] as const)(
    'recomputing %s, compiled %s, where heads have norms: products of %i weights',
    (recompute, compile, weights) => {
      const normed = { ...TINY, modelType: 'qwen3' as const };
      expect(repeatedWeights(normed, recompute, { compile, fp8: false })).toBe(weights);
    },
  );

  it('in FP8 is the same in compiled blocks, and in others the way down, too', () => {
    for (const recompute of ['none', 'gate', 'selective', 'full'] as const) {
      const weights = (compile: boolean, fp8: boolean) => repeatedWeights(TINY, recompute, { compile, fp8 });
      expect(weights(true, true)).toBe(weights(true, false));
      expect(weights(false, true) - weights(false, false)).toBe(recompute === 'none' ? 0 : 128);
    }
  });
});

describe('FLOPs of a rank', () => {
  const step = {
    documents: [3, 5],
    tokens: 4,
    labels: 2,
    sequenceParallel: 2,
    recompute: 'full',
    compile: true,
    fp8: false,
  } as const;

  it('are six a weight and token, the head’s a label, attention’s by the squares of lengths, and what is repeated', () => {
    const blocks = 3 * 576;
    const attention = (3 * 8 * (9 + 25)) / 2;
    const repeated = 3 * (64 + 64 + 64 + 384);
    expect(rankFlops(TINY, SIZE, step)).toBe(
      4 * (6 * blocks + 2 * repeated) + 6 * 256 * 2 + (6 + 2) * attention,
    );
    expect(rankFlops(TINY, SIZE, { ...step, recompute: 'none' })).toBe(
      4 * 6 * blocks + 6 * 256 * 2 + 6 * attention,
    );
  });
});

describe('bytes of collectives', () => {
  const traffic = { sharding: 'full', shards: 4, world: 4, computeBytes: 2, reductionBytes: 4 } as const;
  const step = { tokens: 10, sequenceParallel: 2, recompute: 'selective' } as const;

  it('are the weights twice, but for what is kept, their gradients once, and a rank’s figures', () => {
    const kept = 608 + 8 + 2 * 256;
    expect(gatheredBytes(TINY, SIZE, { computeBytes: 2 })).toBe(2 * (2 * 2_344 - kept));
    expect(gatheredBytes({ ...TINY, tiedEmbeddings: true }, SIZE, { computeBytes: 2 })).toBe(
      2 * (2 * 2_344 - kept + 256),
    );
    expect(collectiveBytes(TINY, SIZE, traffic, step)).toEqual({
      allGather: 48 * 4 + 2 * (2 * 2_344 - kept),
      reduceScatter: 4 * 2_344,
      allReduce: 0,
      allToAll: 10 * 3 * 2 * (8 + 4) * 2 * 2,
    });
  });

  it('of replicas are the sum of their shards’ gradients, and of a rank alone its figures only', () => {
    expect(collectiveBytes(TINY, SIZE, { ...traffic, world: 8 }, step).allReduce).toBe(2_344);
    const alone = { ...traffic, shards: 1, world: 1 };
    expect(collectiveBytes(TINY, SIZE, alone, { ...step, sequenceParallel: 1 })).toEqual({
      allGather: 48,
      reduceScatter: 0,
      allReduce: 0,
      allToAll: 0,
    });
  });

  it('are exchanged forward and backward, and once more where attention is run again', () => {
    const bytes = (recompute: 'none' | 'full') =>
      exchangedBytes(TINY, { computeBytes: 2 }, { tokens: 10, recompute });
    expect([bytes('none'), bytes('full')]).toEqual([2_880, 4_320]);
  });
});
