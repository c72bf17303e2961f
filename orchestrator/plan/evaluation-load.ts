import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { Model } from '../recipe/model.ts';
import { delimiterTokens, type Thinking } from '../recipe/thinking.ts';
import type { QuestionEvidence } from './evidence.ts';
import type { DataLengths } from './lengths.ts';
import { longestThought } from './longest-thought.ts';
import { headWidths, type ModelSize } from './model-size.ts';
import { thoughtAgain, toldTokens } from './thought-again.ts';

/** A recipe as far as decoding asks. */
export interface Decoded {
  readonly model: Model;
  /** How it was trained to think, or how it is asked to. */
  readonly dataset?: Delimited;
  readonly prompt?: Delimited;
}

interface Delimited {
  readonly thinking?: Thinking | undefined;
}

/** What sets its thinking off; undefined: s1's delimiters. */
export const delimitersOf = ({ dataset, prompt }: Decoded): Thinking | undefined =>
  dataset?.thinking ?? prompt?.thinking;

/** What is known of a benchmark's questions before they are answered. */
export interface KnownBenchmark {
  readonly name: string;
  readonly rows: number;
  readonly longestPromptTokens: number;
  readonly delimiterTokens?: number | undefined;
  readonly repeated?: number | undefined;
}

/** Those that were read, on this machine or by the prepare stage. */
export function knownBenchmarks(evidence: QuestionEvidence | undefined): readonly KnownBenchmark[] {
  if (evidence === undefined || 'why' in evidence) return [];
  return 'inspection' in evidence ? evidence.inspection.benchmarks : (evidence.benchmarks ?? []);
}

/** Questions of a benchmark: as they were counted, as their generator makes them, or as the recipe says; else unknown. */
export function knownQuestions(
  { name, source, questions }: EvaluationSettings['benchmarks'][number],
  known: readonly KnownBenchmark[],
): number | undefined {
  const counted = known.find((each) => each.name === name)?.rows;
  return counted ?? (source.kind === 'generated' ? source.samples : questions);
}

/** Questions of a benchmark of which nothing is known: as many as MATH-500 has, more than most. */
export const ASSUMED_QUESTIONS = 500;
/** Around question and system prompt, in the tokens of the template: the turns' marks and roles. */
const LEAST_PROMPT_TOKENS = 12;
/** Before the thinking, and between it and the answer where the budget ends it: s1's delimiters and "Final Answer:". */
const FORCED_TOKENS = 8;
const FP32_BYTES = 4;
/** Scores, activations and logits on a GPU, and the share of it that is left to its context and to fragmentation. */
const WORKSPACE_BYTES = 2 ** 31;
const UNUSABLE_SHARE = 0.08;
/** Python with torch. */
const PROCESS_BYTES = 0.5e9;

/** How much is decoded at most. */
export interface EvaluationLoad {
  readonly questions: number;
  /** Rows decoded together. */
  readonly rows: number;
  readonly batches: number;
  /** Tokens that a row may have: prompt, thinking, what is put behind it, and answer. */
  readonly positions: number;
  /** Whether that counts the longest prompt as it is; else prompts are longer than was assumed. */
  readonly promptsKnown: boolean;
  /** Of weights, keys and values: fp32 as s1 evaluated, because in bf16 greedy output changes with the batch. */
  readonly elementBytes: 2 | 4;
  /**
   * How many answer, one after the other: the model that was trained and, with `untouched`, the one that training began
   * from. Each arm of an ablation is a run of its own that waits for no other, so each decodes the latter again, even
   * where all began from the same.
   */
  readonly models: 1 | 2;
  /**
   * Decoding steps of a batch, one token of each row, of all models together: as expected, and where every row uses up
   * all that it may.
   */
  readonly steps: { readonly expected: number; readonly most: number };
}

export function evaluationLoad(
  { benchmarks, controls, maxAnswerTokens, batch, untouched, samples = 1 }: EvaluationSettings,
  { longest, basis }: Pick<DataLengths, 'longest' | 'basis'>,
  known: readonly KnownBenchmark[],
  delimiters?: Thinking,
): EvaluationLoad {
  const questions = benchmarks.map((each) => knownQuestions(each, known) ?? ASSUMED_QUESTIONS);
  // Where the model's tokenizer is not, questions are read and not measured.
  const prompts = known.map(({ longestPromptTokens }) => longestPromptTokens).filter((tokens) => tokens > 0);
  const delimiting = known.flatMap(({ delimiterTokens: measured }) => measured ?? []);
  const around =
    delimiting.length > 0 ? Math.max(...delimiting) : (delimiterTokens(delimiters) ?? FORCED_TOKENS);
  const promptsKnown = prompts.length > 0 && prompts.length === benchmarks.length;
  const budget = Math.max(...controls.map(({ maxThinkingTokens }) => maxThinkingTokens));
  // A model thinks for about as long as it was shown to; a batch goes on until its last row has ended.
  const thinking = (limit: number) => (basis === 'none' ? limit : Math.min(limit, longest));
  // The model that training began from was shown nothing of the kind: it may go on until the budget ends it.
  const thinkers = untouched === true ? [thinking, (limit: number) => limit] : [thinking];
  const models = untouched === true ? 2 : 1;
  const answers = controls.length * maxAnswerTokens;
  const expected = (thinks: (limit: number) => number) =>
    thinks(budget) + thoughtAgain(controls, thinks).expected + answers / 2;
  const most = budget + thoughtAgain(controls, thinking).most + answers;
  return {
    questions: questions.reduce((sum, each) => sum + each, 0),
    rows: Math.min(batch, samples * Math.max(...questions)),
    batches: questions.reduce((sum, each) => sum + Math.ceil((samples * each) / batch), 0),
    positions:
      // Prompts are measured together with what controls tell in them.
      Math.max(LEAST_PROMPT_TOKENS + toldTokens(controls), ...prompts) +
      longestThought(controls) +
      around +
      maxAnswerTokens,
    promptsKnown,
    elementBytes: FP32_BYTES,
    models,
    steps: { expected: thinkers.reduce((sum, thinks) => sum + expected(thinks), 0), most: models * most },
  };
}

/** Elements that a position keeps in all blocks' caches. */
export const cachedElements = ({ model }: Decoded): number =>
  2 * model.architecture.layers * headWidths(model.architecture).keyValue;

/**
 * Peak of the one device that decodes, in bytes: the weights once, the batch's cache, a block's copy of it for all its
 * heads, and the rest. On a GPU it is the sum of trainer/evaluate/memory.py. A second model takes the place of the
 * first, whose shapes it has, so the larger of the two is either.
 */
export function evaluationBytes(
  recipe: Decoded,
  size: ModelSize,
  { device }: ClusterProfile,
  { rows, positions, elementBytes }: Pick<EvaluationLoad, 'rows' | 'positions' | 'elementBytes'>,
): number {
  const gathered = 2 * 2 * headWidths(recipe.model.architecture).query;
  const held = elementBytes * (size.parameters + rows * positions * (cachedElements(recipe) + gathered));
  return device.kind === 'gpu'
    ? held + WORKSPACE_BYTES + UNUSABLE_SHARE * device.memory
    : held + 2 * FP32_BYTES * rows * size.vocabulary + PROCESS_BYTES;
}

/** Memory that the decoding process may have: one GPU's, or all that a machine's processes share. */
export const evaluationCapacity = ({ device, devicesPerNode }: ClusterProfile): number =>
  device.kind === 'gpu' ? device.memory : device.memory * devicesPerNode;

/**
 * Eager decoding on one device: seconds of a block's kernels or calls, seconds a row costs in Python, and the bytes a
 * second that weights and cache are read at. H100: 3.35 TB/s by its data sheet; a desktop's memory: 10 GB/s for one core.
 */
export const DECODING = {
  gpu: { perBlock: 6e-4, perRow: 1e-5, bytesPerSecond: 2.5e12, gemm: 0.3 },
  cpu: { perBlock: 1e-3, perRow: 1e-5, bytesPerSecond: 1e10, gemm: 0.25 },
} as const;
/** Cached keys and values are read, gathered and read again. */
const CACHE_PASSES = 3;

/** Seconds of a decoding step in the middle of a batch's life, when half of its positions are filled. */
export function decodingStepSeconds(
  recipe: Decoded,
  size: ModelSize,
  { device }: ClusterProfile,
  { rows, positions, elementBytes }: Pick<EvaluationLoad, 'rows' | 'positions' | 'elementBytes'>,
): number {
  const { perBlock, perRow, bytesPerSecond, gemm } = DECODING[device.kind];
  const flops = 2 * size.matmul * rows;
  // Products in fp32 reach about half of a GPU's rate in bf16, which is what the profile states.
  const peak = device.peakTflops * 1e12 * (device.kind === 'gpu' && elementBytes === FP32_BYTES ? 0.5 : 1);
  const read =
    elementBytes * size.parameters +
    (CACHE_PASSES * cachedElements(recipe) * rows * positions * elementBytes) / 2;
  return (
    Math.max(flops / (peak * gemm), read / bytesPerSecond) +
    perBlock * recipe.model.architecture.layers +
    perRow * rows
  );
}
