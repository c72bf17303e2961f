import { familyOf } from '../recipe/family.ts';
import type { Architecture } from '../recipe/model.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { type BlockForm, normElements, savedElementsPerToken } from './activations.ts';
import { headWidths, type ModelSize } from './model-size.ts';

/** Tokens whose logits the loss holds at a time; the trainer never makes the whole logits (59.8 GB at 32,768 tokens). */
const LOSS_CHUNK_TOKENS = 1024;
const FP32_BYTES = 4;

/** All that decides what a rank's tensors take in a step. */
export interface StepShape extends BlockForm {
  readonly architecture: Architecture;
  readonly size: ModelSize;
  /** Products round their operands to FP8; what is kept for the backward pass is not rounded. */
  readonly fp8: boolean;
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
  /** Weights of the block in use, of the head until its gradient is made, and of the last block, which is kept for both passes. */
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
 * and at its end, and the reduction of the embedding. FSDP2 frees and fetches as the host comes by, so the order is
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
    gathered: headBytes(shape) + blockBytes(shape),
    prefetched: onItsWay(shape, architecture.tiedEmbeddings ? blockBytes(shape) : headBytes(shape)),
    saved: layers * savedBytes(shape) + angleBytes(shape),
    loss: (FP32_BYTES + computeBytes) * size.embedding + logitBytes * logits + lastNorm + rows,
  };
}

/** A block's backward pass when `done` blocks behind it have had theirs. */
function blockMoments(shape: StepShape, done: number): Moment[] {
  const { architecture, size, shards, computeBytes, reductionBytes, tokens } = shape;
  const { hiddenSize, feedForwardSize, layers } = architecture;
  const isFirstBlock = done === layers - 1;
  const { tiedEmbeddings } = architecture;
  const common = {
    phase: 'backward' as const,
    gradients: (FP32_BYTES * (done * size.block + reducedBefore(shape))) / shards,
    gathered: (tiedEmbeddings ? headBytes(shape) : 0) + blockBytes(shape),
    prefetched: isFirstBlock ? 0 : onItsWay(shape, blockBytes(shape)),
    loss: 0,
  };
  const saved = (blocks: number) => blocks * savedBytes(shape) + angleBytes(shape);
  // What was before is reduced while this block's gradients are made: a block, or the head, whose gradient waits for the
  // embedding's where both are one.
  const before = done > 0 ? size.block : reducedBefore(shape);
  const reducing = (elements: number) =>
    computeBytes * ((tiedEmbeddings ? size.embedding : 0) + elements) + reductionBytes * before;
  const matrix = hiddenSize * feedForwardSize;
  const bytes = (elements: number) => elements * computeBytes * tokens;
  const again = recomputed(shape);
  const entered = { ...common, saved: saved(layers - done) };
  const ofGate = bytes(again - 3 * feedForwardSize + 3 * hiddenSize);
  const casts = shape.fp8 ? castBytes(shape, matrix) : 0;
  return [
    // Gradients of both factors beside gate, silu and up, and the gradient that came in.
    { ...entered, working: bytes(again + 2 * feedForwardSize + hiddenSize), reducing: reducing(matrix) },
    // Gate with two gradients, then only its own.
    {
      ...entered,
      working: Math.max(0, bytes(again - feedForwardSize + 2 * hiddenSize)),
      reducing: reducing(2 * matrix),
    },
    { ...entered, working: Math.max(0, ofGate + casts), reducing: reducing(3 * matrix) },
    ...turnedAgain(shape).map((working) => ({
      ...common,
      saved: saved(layers - done - 1),
      working,
      reducing: reducing(3 * matrix + hiddenSize * headWidths(architecture).query),
    })),
    // The first norm's six tensors in fp32, and the block's gradient in and out.
    {
      ...common,
      saved: saved(layers - done - 1),
      working: tokens * hiddenSize * (6 * FP32_BYTES + 2 * computeBytes),
      reducing: reducing(size.block),
    },
  ];
}

/**
 * Bytes that a block holds while its queries are rotated again, where `gate` or `selective` computes norms of heads again and is not
 * compiled. Of queries: their gradient, projection, what their norm keeps and gives, what is turned, and three tensors in fp32; of
 * keys and values gradients and projections, a little more than which attention's backward pass leaves; of the hidden state itself,
 * its gradient and what its norm keeps. Without norms of heads it is less than the feed-forward part holds.
 */
function turnedAgain({ architecture, compile, recompute, computeBytes, tokens }: StepShape): number[] {
  const again = recompute === 'gate' || recompute === 'selective';
  if (compile || !again || !familyOf(architecture.modelType).qkNorms) return [];
  const { query, keyValue } = headWidths(architecture);
  const wide = FP32_BYTES / computeBytes;
  const normed = (wide > 1 ? wide : 0) + 2;
  const elements =
    (2 + normed + 1 + 3 * wide) * query + 5 * keyValue + (2 + normed) * architecture.hiddenSize;
  const scales = FP32_BYTES * (architecture.queryHeads + architecture.keyValueHeads);
  return [tokens * (computeBytes * elements + scales)];
}

/**
 * What the last of the wide products rounds beside its gradient: that and its weight, to one byte, and in blocks that are not
 * compiled the weight once more, scaled. What wider tensors leave for the products before it, these are less than.
 */
const castBytes = ({ architecture, compile, computeBytes, tokens }: StepShape, matrix: number): number =>
  tokens * architecture.feedForwardSize + (1 + (compile ? 0 : computeBytes)) * matrix;

/** The embedding's gradient is as large as the table, and added to the head's where both are one. */
function lastMoments(shape: StepShape): Moment[] {
  const { architecture, size, shards, computeBytes, reductionBytes, tokens } = shape;
  const { layers, tiedEmbeddings, hiddenSize } = architecture;
  const made = computeBytes * size.embedding * (tiedEmbeddings ? 3 : 1);
  return [
    {
      ...NOTHING,
      phase: 'end of backward',
      gradients: (FP32_BYTES * (layers * size.block + reducedBefore(shape))) / shards,
      gathered: tiedEmbeddings ? headBytes(shape) : 0,
      reducing: made + reductionBytes * size.block,
      saved: angleBytes(shape),
      working: 2 * tokens * hiddenSize * computeBytes,
    },
    {
      ...NOTHING,
      phase: 'end of backward',
      gradients: (size.parameters * FP32_BYTES) / shards,
      reducing: (computeBytes + reductionBytes) * size.embedding,
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

/** Head and last norm are one group; where the head is the embedding, they are whole from a step's start to its end. */
const headElements = ({ architecture, size }: StepShape): number => size.embedding + architecture.hiddenSize;

const headBytes = (shape: StepShape): number => shape.computeBytes * headElements(shape);

/** Elements whose gradients are reduced before those of the last block. */
const reducedBefore = (shape: StepShape): number =>
  shape.architecture.tiedEmbeddings ? 0 : headElements(shape);

const blockBytes = ({ size, computeBytes }: StepShape): number => computeBytes * size.block;

/** What arrives lies in a buffer of its own; a rank alone has nothing to fetch. */
const onItsWay = ({ shards }: StepShape, bytes: number): number => (shards > 1 ? bytes : 0);
