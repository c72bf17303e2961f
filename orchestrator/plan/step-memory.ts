import type { Architecture } from '../recipe/model.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { type BlockForm, normElements, savedElementsPerToken } from './activations.ts';
import type { ModelSize } from './model-size.ts';

/** Tokens whose logits the loss holds at a time; the trainer never makes the whole logits (59.8 GB at 32,768 tokens). */
const LOSS_CHUNK_TOKENS = 1024;
const FP32_BYTES = 4;

/** All that decides what a rank's tensors take in a step. */
export interface StepShape extends BlockForm {
  readonly architecture: Architecture;
  readonly size: ModelSize;
  /** Ranks that share weights and states. */
  readonly shards: number;
  /** Bytes of a gradient while it is reduced. */
  readonly reductionBytes: number;
  /** On each rank, filled up. */
  readonly tokens: number;
  readonly recompute: Recompute;
}

/** Bytes that are held at one moment of a step, beside weights and moments. */
export interface Moment {
  readonly phase: 'loss' | 'backward' | 'end of backward' | 'update';
  /** Shards that are reduced already, fp32. */
  readonly gradients: number;
  /** Weights of the block in use, of embedding and head, and of the last block, which is not given up between. */
  readonly gathered: number;
  /** Of the block that comes next. */
  readonly prefetched: number;
  /** Gradients of whole weights, and the buffer from which the block before is reduced. */
  readonly reducing: number;
  /** What blocks keep of their forward pass. */
  readonly saved: number;
  /** What the block in work holds beside that. */
  readonly working: number;
  readonly loss: number;
}

/**
 * The moments of a step at which a rank's tensors can take the most: the loss, each block's backward pass at its widest
 * and at its end, and the reduction of embedding and head. FSDP2 frees and fetches as the host comes by, so the order is
 * that of the program; `python -m trainer.rehearse` runs the trainer's own step against it.
 */
export function momentsOf(shape: StepShape): Moment[] {
  const { architecture } = shape;
  // Between the second and the last but one everything changes by the same amount from block to block.
  const last = architecture.layers - 1;
  const done = [0, 1, last - 1, last].filter((number) => number >= 0 && number <= last);
  const blocks = [...new Set(done)].flatMap((number) => blockMoments(shape, number));
  return [lossMoment(shape), ...blocks, ...lastMoments(shape)];
}

const NOTHING = { gradients: 0, gathered: 0, prefetched: 0, reducing: 0, saved: 0, working: 0, loss: 0 };

/** The gradient is made with the loss, chunk by chunk: the head's sum in fp32 and a chunk's addend, logits, softmax. */
function lossMoment(shape: StepShape): Moment {
  const { architecture, size, computeBytes, tokens } = shape;
  const { hiddenSize, layers } = architecture;
  const logits = Math.min(LOSS_CHUNK_TOKENS, tokens) * size.vocabulary;
  const logitBytes = computeBytes < FP32_BYTES ? FP32_BYTES + computeBytes : FP32_BYTES;
  // The last norm's input in fp32, its scaled input, its output; then the labelled rows and their gradient.
  const lastNorm = tokens * hiddenSize * (FP32_BYTES + 2 * computeBytes);
  const rows = 2 * tokens * hiddenSize * computeBytes;
  return {
    ...NOTHING,
    phase: 'loss',
    gathered: rootBytes(shape) + blockBytes(shape),
    prefetched: prefetchedBytes(shape),
    saved: layers * savedBytes(shape) + angleBytes(shape),
    loss: (FP32_BYTES + computeBytes) * size.embedding + logitBytes * logits + lastNorm + rows,
  };
}

/** A block's backward pass when `done` blocks behind it have had theirs. */
function blockMoments(shape: StepShape, done: number): Moment[] {
  const { architecture, size, shards, computeBytes, reductionBytes, tokens } = shape;
  const { hiddenSize, feedForwardSize, layers } = architecture;
  const isFirstBlock = done === layers - 1;
  const common = {
    phase: 'backward' as const,
    gradients: (done * size.block * FP32_BYTES) / shards,
    gathered: rootBytes(shape) + blockBytes(shape),
    prefetched: isFirstBlock ? 0 : prefetchedBytes(shape),
    loss: 0,
  };
  const saved = (blocks: number) => blocks * savedBytes(shape) + angleBytes(shape);
  // The head's gradient waits for the embedding's; the block before is reduced while this one's gradients are made.
  const reducing = (elements: number) =>
    computeBytes * (size.embedding + elements) + (done > 0 ? reductionBytes * size.block : 0);
  const matrix = hiddenSize * feedForwardSize;
  const bytes = (elements: number) => elements * computeBytes * tokens;
  const again = recomputed(shape);
  const before = { ...common, saved: saved(layers - done) };
  return [
    // Gradients of both factors beside gate, silu and up, and the gradient that came in.
    { ...before, working: bytes(again + 2 * feedForwardSize + hiddenSize), reducing: reducing(matrix) },
    // Gate with two gradients, then only its own.
    {
      ...before,
      working: Math.max(0, bytes(again - feedForwardSize + 2 * hiddenSize)),
      reducing: reducing(2 * matrix),
    },
    {
      ...before,
      working: Math.max(0, bytes(again - 3 * feedForwardSize + 3 * hiddenSize)),
      reducing: reducing(3 * matrix),
    },
    // The first norm's six tensors in fp32, and the block's gradient in and out.
    {
      ...common,
      saved: saved(layers - done - 1),
      working: tokens * hiddenSize * (6 * FP32_BYTES + 2 * computeBytes),
      reducing: reducing(size.block),
    },
  ];
}

/** The embedding's gradient is as large as the table, and added to the head's where both are one. */
function lastMoments(shape: StepShape): Moment[] {
  const { architecture, size, shards, computeBytes, reductionBytes, tokens } = shape;
  const tables = architecture.tiedEmbeddings ? 1 : 2;
  const made = computeBytes * size.embedding * (architecture.tiedEmbeddings ? 3 : 2);
  return [
    {
      ...NOTHING,
      phase: 'end of backward',
      gradients: (architecture.layers * size.block * FP32_BYTES) / shards,
      gathered: rootBytes(shape),
      reducing: made + reductionBytes * size.block,
      saved: angleBytes(shape),
      working: 2 * tokens * architecture.hiddenSize * computeBytes,
    },
    {
      ...NOTHING,
      phase: 'end of backward',
      gradients: (size.parameters * FP32_BYTES) / shards,
      reducing: (computeBytes + reductionBytes) * tables * size.embedding,
      saved: angleBytes(shape),
    },
    { ...NOTHING, phase: 'update', gradients: (size.parameters * FP32_BYTES) / shards },
  ];
}

/** Elements a token has again in the block whose backward pass comes. */
function recomputed(shape: StepShape): number {
  const { architecture, recompute } = shape;
  if (recompute === 'none') return 0;
  // Gate, silu, up and their product; of them `gate` has the first.
  const wide = { selective: 4, gate: 3, full: 0 }[recompute];
  if (recompute !== 'full') return wide * architecture.feedForwardSize + normElements(architecture, shape);
  const all = savedElementsPerToken(architecture, 'none', { ...shape, compile: false });
  return all + (4 * architecture.queryHeads) / shape.computeBytes;
}

function savedBytes(shape: StepShape): number {
  const { architecture, computeBytes, tokens, recompute } = shape;
  const elements = savedElementsPerToken(architecture, recompute, shape);
  // Attention keeps the logarithm of each row's sum, fp32.
  const sums = recompute === 'full' ? 0 : FP32_BYTES * architecture.queryHeads;
  return tokens * (computeBytes * elements + sums);
}

/** Cosines and sines, for all blocks. */
const angleBytes = ({ architecture, tokens }: StepShape): number =>
  2 * FP32_BYTES * architecture.headSize * tokens;

/** Embedding, head and last norm are one group, which is whole from a step's start to its end. */
const rootBytes = ({ architecture, size, computeBytes }: StepShape): number =>
  computeBytes * ((architecture.tiedEmbeddings ? 1 : 2) * size.embedding + architecture.hiddenSize);

const blockBytes = ({ size, computeBytes }: StepShape): number => computeBytes * size.block;

/** What arrives lies in a buffer of its own; a rank alone has nothing to fetch. */
const prefetchedBytes = (shape: StepShape): number => (shape.shards > 1 ? blockBytes(shape) : 0);
