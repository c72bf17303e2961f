import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { savedElementsPerToken } from './activations.ts';
import type { ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';
import type { Plan } from './plan.ts';

export type MemoryPart = Plan['memory']['parts'][number];

/** Tokens whose logits the loss holds at a time; the trainer never makes the whole logits (59.8 GB at 32,768 tokens). */
const LOSS_CHUNK_TOKENS = 1024;
/** Blocks whose parameters are gathered at once: the one in use, the next, and the one being freed. */
const GATHERED_BLOCKS = 3;
/** Blocks whose unsharded gradients wait in the reduction's type: one is reduced while the next is filled. */
const REDUCED_BLOCKS = 2;
/** CUDA context, NCCL's buffers and the allocator's fragmentation: 3 GB on an H100 with expandable segments. */
const GPU_RUNTIME_BYTES = 3e9;
/** Python with torch and its imports, resident in every training process. */
const CPU_RUNTIME_BYTES = 0.4e9;

const FP32_BYTES = 4;
/** Master weight, gradient and Adam's two moments, each in fp32, whatever the compute type. */
export const STATE_BYTES_PER_PARAMETER = 4 * FP32_BYTES;

/** Bytes of an element in the compute type. */
export function computeBytes(recipe: FineTune): number {
  return recipe.training.compute === 'bf16' ? 2 : FP32_BYTES;
}

/** Bytes of a gradient while it is reduced. */
export function reductionBytes(recipe: FineTune): number {
  return recipe.training.asPublished ? computeBytes(recipe) : FP32_BYTES;
}

/**
 * Peak memory of one device, in parts that add up, for a step with `tokens` on each rank. States are sharded over all
 * ranks, or those of a node (ZeRO stage 3: Rajbhandari et al. 2020, section 5.3); the rest is what FSDP2, the chunked
 * loss and the backward pass hold beside them.
 */
export function deviceMemoryParts(
  recipe: FineTune,
  size: ModelSize,
  device: ClusterProfile['device'],
  layout: Layout,
  step: { readonly tokens: number; readonly recompute: Recompute },
): MemoryPart[] {
  const { architecture } = recipe.model;
  const shard = size.parameters / layout.shards;
  const compute = computeBytes(recipe);
  const sharded = layout.world > 1;
  const heads = architecture.tiedEmbeddings ? 1 : 2;
  const saved = (recompute: Recompute) =>
    savedElementsPerToken(architecture, recompute, {
      sequenceParallel: layout.sequenceParallel,
      compile: recipe.training.compile,
    }) *
    compute *
    step.tokens;
  return [
    part('master weights', FP32_BYTES * shard, '4 B x parameters / ranks that share them (fp32)'),
    part('gradients', FP32_BYTES * shard, '4 B x parameters / ranks that share them (fp32)'),
    part(
      'optimizer moments',
      2 * FP32_BYTES * shard,
      '8 B x parameters / ranks that share them (Adam m and v, fp32)',
    ),
    part(
      'gathered blocks',
      sharded ? GATHERED_BLOCKS * size.block * compute : 0,
      `${GATHERED_BLOCKS} blocks in the compute type (FSDP prefetch)`,
    ),
    part(
      'gathered embedding and head',
      sharded ? heads * size.embedding * compute : 0,
      'embedding and output head in the compute type',
    ),
    part(
      'gradient reduction',
      sharded ? REDUCED_BLOCKS * size.block * FP32_BYTES : 0,
      `${REDUCED_BLOCKS} blocks' unsharded gradients, 4 B each (reduce-scatter staging)`,
    ),
    part('head gradient', size.embedding * FP32_BYTES, '4 B x head, summed over the chunks of the loss'),
    part(
      'loss chunk',
      Math.min(LOSS_CHUNK_TOKENS, step.tokens) * size.vocabulary * (FP32_BYTES + compute),
      `${LOSS_CHUNK_TOKENS} tokens x vocabulary, in fp32 and in the compute type`,
    ),
    part(
      'saved activations',
      architecture.layers * saved(step.recompute),
      'blocks x saved elements a token x the step’s tokens a rank',
    ),
    part('block being recomputed', saved('none'), 'all activations of one block'),
    part(
      'runtime',
      device.kind === 'gpu' ? GPU_RUNTIME_BYTES : CPU_RUNTIME_BYTES,
      device.kind === 'gpu' ? 'CUDA context, NCCL buffers, fragmentation' : 'Python and torch of one process',
    ),
  ];
}

function part(name: string, bytes: number, formula: string): MemoryPart {
  return { name, bytes, formula };
}

export const totalBytes = (parts: readonly MemoryPart[]): number =>
  parts.reduce((sum, { bytes }) => sum + bytes, 0);
