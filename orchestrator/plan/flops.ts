import type { Architecture } from '../recipe/model.ts';
import { headWidths, type ModelSize } from './model-size.ts';

/** A set of samples, their tokens and the sum of their squared lengths: all that the cost of a packed batch depends on. */
export interface Load {
  readonly samples: number;
  readonly tokens: number;
  readonly squares: number;
}

export function loadOf(lengths: readonly number[]): Load {
  let tokens = 0;
  let squares = 0;
  for (const length of lengths) {
    tokens += length;
    squares += length * length;
  }
  return { samples: lengths.length, tokens, squares };
}

/** Model FLOPs (forward and backward, nothing recomputed) of a load, by kind, because the kinds run at different speeds. */
export interface Flops {
  readonly linear: number;
  readonly attention: number;
}

/** 6 N a token: 2 N forward, 4 N backward (Kaplan et al. 2020, section 2.1; the embedding look-up is no matrix product). */
export function linearFlopsPerToken(size: ModelSize): number {
  return 6 * size.matmul;
}

/**
 * Linear 6 N a token; attention 6 x layers x query width x L^2 a sample, which is 4 L^2 a layer forward, halved because
 * it is causal, times 3 with the backward pass (Dao 2023, FlashAttention-2, section 4.1).
 */
export function modelFlops(architecture: Architecture, size: ModelSize, load: Load): Flops {
  return {
    linear: linearFlopsPerToken(size) * load.tokens,
    attention: 6 * architecture.layers * headWidths(architecture).query * load.squares,
  };
}
