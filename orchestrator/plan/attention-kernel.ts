import type { Architecture } from '../recipe/model.ts';
import type { Layout } from './parallelism.ts';

/** Most that cuDNN's workspace may take of a rank's memory (trainer/sft/attention.py, MOST_WORKSPACE_BYTES). */
const MOST_WORKSPACE_BYTES = 2 * 1024 ** 3;

/** Three sums in fp32: gradients of q, and those of k and v for all query heads. */
const WORKSPACE_BYTES_PER_ELEMENT = 3 * 4;

/** Which of torch's kernels attends over packed documents. */
export type AttentionKernel = 'cudnn' | 'flash';

/** A group's packed documents, as many as there are with those that fill its sequence up. */
export interface PackedDocuments {
  readonly documents: number;
  /** Tokens of the run's longest sample, of which kernels are told in every step. */
  readonly longest: number;
}

/**
 * cuDNN as long as its sums, over documents that are all as long as the longest, take at most so much on a rank, which has its
 * share of the heads; else FlashAttention, whose sums are over the tokens (trainer/sft/attention.py does the same).
 */
export function attentionKernel(
  { queryHeads, headSize }: Architecture,
  { sequenceParallel, tokenMultiple }: Layout,
  { documents, longest }: PackedDocuments,
): AttentionKernel {
  const told = Math.max(longest, sequenceParallel * tokenMultiple);
  const elements = documents * told * (queryHeads / sequenceParallel) * headSize;
  return WORKSPACE_BYTES_PER_ELEMENT * elements <= MOST_WORKSPACE_BYTES ? 'cudnn' : 'flash';
}
