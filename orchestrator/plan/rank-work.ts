import { familyOf } from '../recipe/family.ts';
import type { Architecture } from '../recipe/model.ts';
import type { Recompute, Sharding } from '../wire/job-spec.ts';
import { headWidths, type ModelSize } from './model-size.ts';

/**
 * Weights of a block whose products its backward pass does again. The last product of what is repeated is left out where
 * nothing needs its result: attention's own inputs in compiled blocks, but for what heads' norms need; the way down, but for `full` in compiled blocks, and for
 * blocks that are not compiled in FP8, whose products hand over what they keep when they are done.
 */
export function repeatedWeights(
  architecture: Architecture,
  recompute: Recompute,
  { compile, fp8 }: Pick<RankStep, 'compile' | 'fp8'>,
): number {
  const { hiddenSize, feedForwardSize } = architecture;
  const { query, keyValue } = headWidths(architecture);
  const heads = hiddenSize * (query + 2 * keyValue);
  const matrix = hiddenSize * feedForwardSize;
  const needless = heads + (fp8 ? matrix : 0);
  const normed = familyOf(architecture.modelType).qkNorms ? hiddenSize * (query + keyValue) : 0;
  if (recompute === 'none') return 0;
  if (recompute === 'gate') return matrix + (compile ? normed : needless);
  if (recompute === 'selective') return 2 * matrix + (compile ? normed : needless);
  return heads + hiddenSize * query + 2 * matrix + (compile || fp8 ? matrix : 0);
}

/** Forward passes of attention that are run again: `selective` and `gate` save attention's inputs and output. */
export const REPEATED_ATTENTION = { full: 1, selective: 0, gate: 0, none: 0 } as const;

/** A step as one rank sees it. */
export interface RankStep {
  /** Lengths of its group's packed documents, what fills the sequence up among them. */
  readonly documents: readonly number[];
  /** On this rank. */
  readonly tokens: number;
  /** Of them with a label: the head does no product for the others. */
  readonly labels: number;
  readonly sequenceParallel: number;
  readonly recompute: Recompute;
  readonly compile: boolean;
  readonly fp8: boolean;
}

/** FLOPs of one rank in a step, those counted that are done twice: what a counter of operators finds. */
export function rankFlops(architecture: Architecture, size: ModelSize, step: RankStep): number {
  const { layers } = architecture;
  const squares = step.documents.reduce((sum, length) => sum + length * length, 0);
  const attention = (layers * headWidths(architecture).query * squares) / step.sequenceParallel;
  const repeated = layers * repeatedWeights(architecture, step.recompute, step);
  const blocks = size.matmul - size.embedding;
  return (
    step.tokens * (6 * blocks + 2 * repeated) +
    6 * size.embedding * step.labels +
    (6 + 2 * REPEATED_ATTENTION[step.recompute]) * attention
  );
}

/** How weights are spread, and in which types they and their gradients travel. */
export interface Traffic {
  readonly sharding: Sharding;
  readonly shards: number;
  readonly world: number;
  readonly computeBytes: number;
  readonly reductionBytes: number;
}

/** Bytes of the whole tensors that one rank's collectives gather, reduce and exchange in a step, by operation. */
export interface CollectiveBytes {
  readonly allGather: number;
  readonly reduceScatter: number;
  readonly allReduce: number;
  readonly allToAll: number;
}

/** Loss, norm and four more numbers of each rank, in 64 bits, once a step. */
const FIGURES_BYTES = 6 * 8;

export function collectiveBytes(
  architecture: Architecture,
  size: ModelSize,
  traffic: Traffic,
  step: Pick<RankStep, 'tokens' | 'sequenceParallel' | 'recompute'>,
): CollectiveBytes {
  const { shards, world, reductionBytes } = traffic;
  const isSpread = shards > 1;
  return {
    allGather: FIGURES_BYTES * world + (isSpread ? gatheredBytes(architecture, size, traffic) : 0),
    reduceScatter: isSpread ? reductionBytes * size.parameters : 0,
    allReduce: world > shards ? (reductionBytes * size.parameters) / shards : 0,
    allToAll: step.sequenceParallel > 1 ? exchangedBytes(architecture, traffic, step) : 0,
  };
}

/**
 * For the forward and again for the backward pass in the compute type; the last block, embedding, head and last norm are
 * kept between the two.
 */
export function gatheredBytes(
  { hiddenSize, tiedEmbeddings }: Architecture,
  { parameters, embedding, block }: ModelSize,
  { computeBytes }: Pick<Traffic, 'computeBytes'>,
): number {
  const kept = block + hiddenSize + embedding * (tiedEmbeddings ? 1 : 2);
  return computeBytes * (2 * parameters - kept);
}

/**
 * q, k, v and the output of attention, forward and backward, and forward once more where attention is run again; with `gate`
 * only the output, which is kept once.
 */
export function exchangedBytes(
  architecture: Architecture,
  { computeBytes }: Pick<Traffic, 'computeBytes'>,
  { tokens, recompute }: Pick<RankStep, 'tokens' | 'recompute'>,
): number {
  const { query, keyValue } = headWidths(architecture);
  const passes = 2 + REPEATED_ATTENTION[recompute];
  const elements = 2 * (query + keyValue) * passes + (recompute === 'gate' ? query : 0);
  return tokens * architecture.layers * elements * computeBytes;
}
