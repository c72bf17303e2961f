import { describe, expect, it } from 'vitest';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { type Moment, momentsOf, type StepShape } from '../../orchestrator/plan/step-memory.ts';
import { TINY } from './fixtures.ts';

const SHAPE: StepShape = {
  architecture: TINY,
  size: modelSize(TINY, 32),
  shards: 4,
  reductionBytes: 4,
  tokens: 2_048,
  recompute: 'selective',
  sequenceParallel: 2,
  compile: true,
  fp8: false,
  computeBytes: 2,
};
const ALONE = { ...TINY, layers: 1, tiedEmbeddings: true };

type Row = readonly [Moment['phase'], number, number, number, number, number, number, number];
const rows = (shape: StepShape) =>
  momentsOf(shape).map(
    ({ phase, gradients, gathered, prefetched, reducing, saved, working, loss }): Row => [
      phase,
      gradients,
      gathered,
      prefetched,
      reducing,
      saved,
      working,
      loss,
    ],
  );

/** Phase; bytes of gradients, gathered and prefetched weights, reductions, saved activations, work, loss. */
const SELECTIVE: readonly Row[] = [
  ['loss', 0, 1744, 528, 0, 704_512, 0, 394_752],
  ['backward', 264, 1216, 1216, 1312, 704_512, 557_056, 0],
  ['backward', 264, 1216, 1216, 1568, 704_512, 393_216, 0],
  ['backward', 264, 1216, 1216, 1824, 704_512, 294_912, 0],
  ['backward', 264, 1216, 1216, 2272, 491_520, 458_752, 0],
  ['backward', 872, 1216, 1216, 2688, 491_520, 557_056, 0],
  ['backward', 872, 1216, 1216, 2944, 491_520, 393_216, 0],
  ['backward', 872, 1216, 1216, 3200, 491_520, 294_912, 0],
  ['backward', 872, 1216, 1216, 3648, 278_528, 458_752, 0],
  ['backward', 1480, 1216, 0, 2688, 278_528, 557_056, 0],
  ['backward', 1480, 1216, 0, 2944, 278_528, 393_216, 0],
  ['backward', 1480, 1216, 0, 3200, 278_528, 294_912, 0],
  ['backward', 1480, 1216, 0, 3648, 65_536, 458_752, 0],
  ['end of backward', 2088, 0, 0, 2944, 65_536, 65_536, 0],
  ['end of backward', 2344, 0, 0, 1536, 65_536, 0, 0],
  ['update', 2344, 0, 0, 0, 0, 0, 0],
];

describe('what a rank’s tensors hold at each moment of a step', () => {
  it('is counted block by block, from the last to the first', () => {
    expect(rows(SHAPE)).toEqual(SELECTIVE);
  });

  it('is more of saved activations and less of work, the less is recomputed', () => {
    const begin = (recompute: StepShape['recompute']) => rows({ ...SHAPE, recompute }).slice(0, 4);
    expect(begin('none')).toEqual([
      ['loss', 0, 1744, 528, 0, 1_687_552, 0, 394_752],
      ['backward', 264, 1216, 1216, 1312, 1_687_552, 163_840, 0],
      ['backward', 264, 1216, 1216, 1568, 1_687_552, 0, 0],
      ['backward', 264, 1216, 1216, 1824, 1_687_552, 0, 0],
    ]);
    expect(begin('full')).toEqual([
      ['loss', 0, 1744, 528, 0, 163_840, 0, 394_752],
      ['backward', 264, 1216, 1216, 1312, 163_840, 835_584, 0],
      ['backward', 264, 1216, 1216, 1568, 163_840, 671_744, 0],
      ['backward', 264, 1216, 1216, 1824, 163_840, 573_440, 0],
    ]);
  });

  it('of one rank with tied embeddings in fp32 has no second table, and nothing on its way', () => {
    const alone: StepShape = {
      ...SHAPE,
      architecture: ALONE,
      size: modelSize(ALONE, 32),
      compile: false,
      computeBytes: 4,
      shards: 1,
      sequenceParallel: 1,
      tokens: 512,
    };
    expect(rows(alone)).toEqual([
      ['loss', 0, 3488, 0, 0, 102_400, 0, 149_504],
      ['backward', 0, 3488, 0, 1536, 102_400, 245_760, 0],
      ['backward', 0, 3488, 0, 2048, 102_400, 163_840, 0],
      ['backward', 0, 3488, 0, 2560, 102_400, 114_688, 0],
      ['backward', 0, 3488, 0, 3456, 16_384, 131_072, 0],
      ['end of backward', 2432, 1056, 0, 5504, 16_384, 32_768, 0],
      ['end of backward', 3488, 0, 0, 2048, 16_384, 0, 0],
      ['update', 3488, 0, 0, 0, 0, 0, 0],
    ]);
  });

  it('has one moment more in blocks that are not compiled and compute norms of heads again', () => {
    const normed = { ...SHAPE, architecture: { ...TINY, modelType: 'qwen3' as const } };
    const moments = (shape: Partial<StepShape>) => rows({ ...normed, ...shape });
    const eager = moments({ compile: false });
    expect(eager).toHaveLength(rows(SHAPE).length + 3);
    // 13 of queries, 5 of keys, 6 of the hidden state, in two bytes; and the scales of three heads.
    expect(eager[4]).toEqual([
      'backward',
      264,
      1216,
      1216,
      2 * (3 * 128 + 8 * 8) + 4 * 264,
      491_520,
      2_048 * (2 * (13 * 8 + 5 * 4 + 6 * 8) + 4 * 3),
      0,
    ]);
    // In fp32 the norm's input is no tensor of its own: 8 of queries, 5 of keys, 4 of the hidden state.
    expect(moments({ compile: false, computeBytes: 4 })[4]?.[6]).toBe(
      2_048 * (4 * (8 * 8 + 5 * 4 + 4 * 8) + 4 * 3),
    );
    // Then what the block keeps is given back: of the first to go back, two blocks' are left.
    const kept = (row: number) => eager[row]?.[5] ?? 0;
    expect([kept(4), kept(9), kept(14)]).toEqual([kept(5), kept(10), kept(15)]);
    for (const shape of [
      {},
      { compile: false, recompute: 'full' },
      { compile: false, recompute: 'none' },
    ] as const)
      expect(moments(shape)).toHaveLength(rows(SHAPE).length);
  });

  it('is looked at for the two blocks at either end, between which each block adds the same', () => {
    const architecture = { ...TINY, layers: 9 };
    const shape = { ...SHAPE, architecture, size: modelSize(architecture, 32) };
    const gradients = rows(shape).flatMap(([phase, bytes]) => (phase === 'backward' ? [bytes] : []));
    expect([...new Set(gradients)]).toEqual([264, 872, 264 + 7 * 608, 264 + 8 * 608]);
    const two = { ...TINY, layers: 2 };
    expect(rows({ ...SHAPE, architecture: two, size: modelSize(two, 32) })).toHaveLength(1 + 8 + 3);
  });
});
