import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from '../wire/job-spec.ts';
import type { ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';
import type { Plan } from './plan.ts';
import { type Moment, momentsOf, type StepShape } from './step-memory.ts';

export type MemoryPart = Plan['memory']['parts'][number];

/** CUDA context, NCCL's buffers and the allocator's fragmentation: 3 GB on an H100 with expandable segments. */
const GPU_RUNTIME_BYTES = 3e9;
/** Python with torch and its imports, resident in every training process. */
const CPU_RUNTIME_BYTES = 0.4e9;

const FP32_BYTES = 4;
/** Master weight, gradient and Adam's two moments, each in fp32, whatever the compute type. */
export const STATE_BYTES_PER_PARAMETER = 4 * FP32_BYTES;

/** Bytes of an element in the compute type. */
export function computeBytes(recipe: FineTune): number {
  return recipe.training.compute === 'fp32' ? FP32_BYTES : 2;
}

/** Whether the blocks' products round their operands to FP8. */
export const isFp8 = ({ training }: Pick<FineTune, 'training'>): boolean =>
  training.compute === 'fp8-rowwise';

/** Bytes of a gradient while it is reduced. */
export function reductionBytes(recipe: FineTune): number {
  return recipe.training.asPublished ? computeBytes(recipe) : FP32_BYTES;
}

/**
 * Peak memory of one device, in parts that add up, for a step with `tokens` on each rank: what is held at the moment that
 * holds the most. States are sharded over all ranks, or those of a node (ZeRO stage 3: Rajbhandari et al. 2020, section
 * 5.3); the rest is what FSDP2, the chunked loss and the backward pass hold beside them.
 */
export function deviceMemoryParts(
  recipe: FineTune,
  size: ModelSize,
  device: ClusterProfile['device'],
  layout: Layout,
  step: StepOnRank,
): MemoryPart[] {
  const { phase, ...held } = peakMoment(stepShape(recipe, size, layout, step));
  const shard = size.parameters / layout.shards;
  const at = (formula: string) => `${formula}; at the peak, ${IN_WORDS[phase]}`;
  const parts = [
    part('master weights', FP32_BYTES * shard, '4 B x parameters / ranks that share them (fp32)'),
    part(
      'optimizer moments',
      2 * FP32_BYTES * shard,
      '8 B x parameters / ranks that share them (Adam m and v, fp32)',
    ),
    part(
      'gradients',
      held.gradients,
      at('4 B x parameters whose gradients are reduced / ranks that share them (fp32)'),
    ),
    part(
      'gathered weights',
      held.gathered,
      at('the block in use, and the head until its gradient is made, in the compute type'),
    ),
    part(
      'prefetched weights',
      held.prefetched,
      at('a block, or the head, on its way, in the compute type (FSDP)'),
    ),
    part(
      'gradient reduction',
      held.reducing,
      at('whole gradients of the block in work, and what was before it in the reduction’s type'),
    ),
    part('saved activations', held.saved, at('blocks x saved elements a token x the step’s tokens a rank')),
    part('block in work', held.working, at('what is computed again, and gradients of activations')),
    part(
      'loss',
      held.loss,
      at('the head’s gradient in fp32 and a chunk’s addend, 1,024 tokens x vocabulary, the last norm'),
    ),
  ];
  return [...parts, runtimePart(device)];
}

/** Of a step with so many tokens on each rank. */
export interface StepOnRank {
  readonly tokens: number;
  readonly recompute: Recompute;
}

/** What tensors take at the peak: without the runtime and what an allocator leaves unused. */
export function tensorBytes(shape: StepShape): number {
  const states = (3 * FP32_BYTES * shape.size.parameters) / shape.shards;
  return states + heldBytes(peakMoment(shape));
}

export function stepShape(recipe: FineTune, size: ModelSize, layout: Layout, step: StepOnRank): StepShape {
  return {
    ...step,
    size,
    architecture: recipe.model.architecture,
    sequenceParallel: layout.sequenceParallel,
    shards: layout.shards,
    compile: recipe.training.compile,
    fp8: isFp8(recipe),
    computeBytes: computeBytes(recipe),
    reductionBytes: reductionBytes(recipe),
  };
}

const IN_WORDS: Readonly<Record<Moment['phase'], string>> = {
  loss: 'which is the loss',
  backward: 'which is in the backward pass of a block',
  'end of backward': 'which is when the embedding is reduced',
  update: 'which is the update',
};

function heldBytes(moment: Moment): number {
  const { phase: _, ...held } = moment;
  return sum(Object.values(held));
}

function peakMoment(shape: StepShape): Moment {
  return momentsOf(shape).reduce((most, moment) => (heldBytes(moment) > heldBytes(most) ? moment : most));
}

/** What no tensor of a step holds. */
export const runtimeBytes = ({ kind }: ClusterProfile['device']): number =>
  kind === 'gpu' ? GPU_RUNTIME_BYTES : CPU_RUNTIME_BYTES;

const runtimePart = (device: ClusterProfile['device']): MemoryPart =>
  part(
    'runtime',
    runtimeBytes(device),
    device.kind === 'gpu'
      ? 'CUDA context, NCCL buffers, gaps that the allocator leaves'
      : 'Python and torch of one process',
  );

function part(name: string, bytes: number, formula: string): MemoryPart {
  return { name, bytes, formula };
}

export const totalBytes = (parts: readonly MemoryPart[]): number => sum(parts.map(({ bytes }) => bytes));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
