import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute, RecomputeLimit } from '../wire/job-spec.ts';
import { attentionKernel } from './attention-kernel.ts';
import { computeBytes, reductionBytes } from './device-memory.ts';
import { efficiencyOf } from './efficiency.ts';
import { filledUp } from './filler.ts';
import { type Load, modelFlops } from './flops.ts';
import type { ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';
import { productSeconds } from './product-time.ts';
import { exchangedBytes, gatheredBytes, REPEATED_ATTENTION } from './rank-work.ts';
import { recomputeOf } from './recompute.ts';

export interface StepTime {
  readonly seconds: number;
  /** Seconds the slowest group computes. */
  readonly compute: number;
  /** Seconds the parameters' and gradients' collectives take; hidden behind compute as far as they fit, but for the embedding's. */
  readonly network: number;
  /** Those of them that depend on the bandwidth between nodes. */
  readonly ring: number;
}

/**
 * Seconds of a step from its groups' loads: the slowest group, or the network where that takes longer. `longest`: tokens of the
 * run's longest sample.
 */
export function stepTimeModel(
  recipe: FineTune,
  size: ModelSize,
  profile: ClusterProfile,
  layout: Layout,
  limits: readonly RecomputeLimit[],
  longest: number,
): (groups: readonly Load[]) => StepTime {
  const { architecture } = recipe.model;
  const efficiency = efficiencyOf(profile.device.kind, recipe.training.compile);
  const products = productSeconds(recipe, size, profile);
  const peak = profile.device.peakTflops * 1e12 * layout.sequenceParallel;
  const overhead = (1 + efficiency.pointwise) * (layout.world > 1 ? 1 + efficiency.contention : 1);
  const all = {
    gathered: gatheredBytes(architecture, size, { computeBytes: computeBytes(recipe) }),
    reduced: size.parameters,
  };
  const { network, ring } = collectiveSeconds(recipe, profile, layout, all);
  const exposed = collectiveSeconds(recipe, profile, layout, exposedWeights(recipe, size)).network;
  const latency = efficiency.tail + efficiency.perBlock * architecture.layers;

  const groupSeconds = (load: Load): number => {
    const filled = filledUp(load, layout);
    const tokens = filled.tokens / layout.sequenceParallel;
    const recompute = recomputeOf(limits, tokens);
    const { attention } = modelFlops(architecture, size, filled);
    const kernel = attentionKernel(architecture, layout, { documents: filled.samples, longest });
    const attending =
      (attention * (1 + REPEATED_ATTENTION[recompute] / 3)) / (efficiency.attention[kernel] * peak);
    return (
      (products(tokens, recompute) + attending) * overhead +
      exchangeSeconds(recipe, profile, layout, tokens, recompute)
    );
  };
  return (groups) => {
    const compute = Math.max(...groups.map(groupSeconds));
    const hidden = Math.max(0, network - exposed);
    return { seconds: Math.max(compute, hidden) + exposed + latency, compute, network, ring };
  };
}

/**
 * Sharding moves (ranks - 1) / ranks of the parameters three times a step: gathered for the forward and, but for those
 * that are kept, again for the backward pass in the compute type, gradients scattered in the reduction's type (Zhao et al.
 * 2023, PyTorch FSDP).
 *
 * With a replica on each node all that stays inside the node, and the sharded gradients are summed between the nodes: a
 * ring moves 2 (nodes - 1) / nodes of them (Patarasuk and Yuan 2009), and a node's ranks, each with its shard, divide
 * the node's outward bandwidth, which is what one ring over all ranks has. Both go on at once over different links
 * (FSDP2 has a stream for each), so the slower counts.
 */
function collectiveSeconds(
  recipe: FineTune,
  { network }: ClusterProfile,
  { nodes, shards, sharding }: Layout,
  { gathered, reduced }: Travelling,
): Pick<StepTime, 'network' | 'ring'> {
  const onRing = (bytes: number) => bytes / (network.ringGBps * 1e9);
  const reduction = reductionBytes(recipe);
  const sharded = ((gathered + reduced * reduction) * (shards - 1)) / shards;
  if (sharding === 'full') return { network: onRing(sharded), ring: onRing(sharded) };
  const ring = onRing((2 * reduced * reduction * (nodes - 1)) / nodes);
  return { network: Math.max(sharded / (network.nodeGBps * 1e9), ring), ring };
}

/** Bytes that are gathered, and parameters whose gradients are reduced. */
interface Travelling {
  readonly gathered: number;
  readonly reduced: number;
}

/**
 * What nothing hides: the first block waits for the embedding, and nothing comes after the embedding's gradient. A head of its
 * own travels beside the blocks (torchtitan shards embedding and head apart for that); with a tied one both are one group.
 */
function exposedWeights(recipe: FineTune, { embedding }: ModelSize): Travelling {
  return { gathered: computeBytes(recipe) * embedding, reduced: embedding };
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
  const types = { computeBytes: computeBytes(recipe) };
  const bytes = exchangedBytes(recipe.model.architecture, types, { tokens, recompute });
  const leaving = (sequenceParallel - 1) / sequenceParallel;
  return (bytes * leaving) / (network.nodeGBps * 1e9);
}
