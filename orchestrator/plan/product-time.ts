import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Architecture } from '../recipe/model.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { isFp8 } from './device-memory.ts';
import { CAST_BYTES_PER_SECOND, efficiencyOf } from './efficiency.ts';
import { headWidths, type ModelSize } from './model-size.ts';
import { repeatedWeights } from './rank-work.ts';

/** An operand in two bytes is read for its rows' largest entries and again to be rounded, and written in one. */
const BYTES_OF_A_CAST = 5;

/**
 * Seconds that a rank's matrix products take in a step, by its tokens: of blocks, of what they repeat, and of the head. In FP8
 * those of blocks run at the device's other peak, and the time is added in which their operands are rounded, each of the three
 * once for the forward pass or along its other axis for the backward pass; the head stays as it is.
 */
export function productSeconds(
  recipe: FineTune,
  { matmul, embedding }: ModelSize,
  { device }: ClusterProfile,
): (tokens: number, recompute: Recompute) => number {
  const { architecture } = recipe.model;
  const { layers } = architecture;
  const { compile } = recipe.training;
  const fp8 = isFp8(recipe);
  const efficiency = efficiencyOf(device.kind, compile);
  const wide = efficiency.gemm * device.peakTflops * 1e12;
  const narrow = efficiency.fp8 * (device.peakFp8Tflops ?? device.peakTflops) * 1e12;
  const blocks = matmul - embedding;
  return (tokens, recompute) => {
    const repeated = layers * repeatedWeights(architecture, recompute, { compile, fp8 });
    const inBlocks = (6 * blocks + 2 * repeated) * tokens;
    const inHead = 6 * embedding * tokens;
    if (!fp8) return (inBlocks + inHead) / wide;
    const casting = device.kind === 'cpu' ? 0 : castSeconds(architecture, tokens, repeated / blocks);
    return inBlocks / narrow + casting + inHead / wide;
  };
}

/**
 * Inputs, weights and gradients of outputs of all blocks' products are rounded twice each: by rows and by columns. Of what is
 * repeated, a share of all products, inputs and weights are rounded once more.
 */
function castSeconds(architecture: Architecture, tokens: number, repeatedShare: number): number {
  const { layers, hiddenSize, feedForwardSize } = architecture;
  const { query, keyValue } = headWidths(architecture);
  const products = [
    [hiddenSize, query],
    [hiddenSize, keyValue],
    [hiddenSize, keyValue],
    [query, hiddenSize],
    [hiddenSize, feedForwardSize],
    [hiddenSize, feedForwardSize],
    [feedForwardSize, hiddenSize],
  ] as const;
  const elements = products.reduce((sum, [inner, outer]) => {
    const [input, weight, gradient] = [tokens * inner, inner * outer, tokens * outer];
    return sum + (2 + repeatedShare) * (input + weight) + 2 * gradient;
  }, 0);
  return (layers * BYTES_OF_A_CAST * elements) / CAST_BYTES_PER_SECOND;
}
