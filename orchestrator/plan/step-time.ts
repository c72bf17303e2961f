import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from './activations.ts';
import { computeBytes, reductionBytes } from './device-memory.ts';
import { efficiencyOf, RECOMPUTED_ATTENTION, RECOMPUTED_LINEAR } from './efficiency.ts';
import { type Load, modelFlops } from './flops.ts';
import { headWidths, type ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';

export interface StepTime {
  readonly seconds: number;
  /** Seconds the slowest group computes. */
  readonly compute: number;
  /** Seconds the parameters' and gradients' collectives take on the ring; hidden behind compute as far as they fit. */
  readonly network: number;
}

/** Seconds of a step from its groups' loads: the slowest group, or the network where that takes longer. */
export function stepTimeModel(
  recipe: FineTune,
  size: ModelSize,
  profile: ClusterProfile,
  layout: Layout,
  recomputeFor: (tokensPerRank: number) => Recompute,
): (groups: readonly Load[]) => StepTime {
  const { architecture } = recipe.model;
  const efficiency = efficiencyOf(profile.device.kind, recipe.training.compile);
  const flopsPerSecond = profile.device.peakTflops * 1e12 * layout.sequenceParallel;
  const overhead = (1 + efficiency.pointwise) * (layout.world > 1 ? 1 + efficiency.contention : 1);
  const network = ringSeconds(recipe, size, profile, layout);
  const latency = efficiency.tail + efficiency.perBlock * architecture.layers;

  const groupSeconds = (load: Load): number => {
    const recompute = recomputeFor(load.tokens / layout.sequenceParallel);
    const { linear, attention } = modelFlops(architecture, size, load);
    const compute =
      (linear * (1 + RECOMPUTED_LINEAR[recompute] / 3)) / efficiency.gemm +
      (attention * (1 + RECOMPUTED_ATTENTION[recompute] / 3)) / efficiency.attention;
    return (
      (compute / flopsPerSecond) * overhead + exchangeSeconds(recipe, profile, layout, load.tokens, recompute)
    );
  };
  return (groups) => {
    const compute = Math.max(...groups.map(groupSeconds));
    return { seconds: Math.max(compute, network) + latency, compute, network };
  };
}

/**
 * Full sharding moves (ranks - 1) / ranks of the parameters three times a step: gathered for the forward and again for
 * the backward pass in the compute type, gradients scattered in the reduction's type (Zhao et al. 2023, PyTorch FSDP).
 */
function ringSeconds(recipe: FineTune, size: ModelSize, { network }: ClusterProfile, { world }: Layout) {
  const bytes = 2 * computeBytes(recipe) + reductionBytes(recipe);
  return (size.parameters * bytes * (world - 1)) / world / (network.ringGBps * 1e9);
}

/**
 * Ulysses exchanges q, k, v and the output of attention among the ranks of a group, forward and backward, and forward
 * once more where attention is recomputed; nothing hides it (Jacobs et al. 2023, DeepSpeed Ulysses, section 3.2).
 */
function exchangeSeconds(
  recipe: FineTune,
  { network }: ClusterProfile,
  { sequenceParallel }: Layout,
  tokens: number,
  recompute: Recompute,
): number {
  const { query, keyValue } = headWidths(recipe.model.architecture);
  const passes = 2 + RECOMPUTED_ATTENTION[recompute];
  const elements = (tokens / sequenceParallel) * recipe.model.architecture.layers * 2 * (query + keyValue);
  const leaving = (sequenceParallel - 1) / sequenceParallel;
  return (elements * computeBytes(recipe) * passes * leaving) / (network.nodeGBps * 1e9);
}
