import type { ScalingPoint } from './scaling-metrics.ts';

/** One evaluation on AIME24 as it was published. */
export interface PublishedPoint extends ScalingPoint {
  /** What was asked of the model's thinking: so many tokens at most or at least. */
  readonly asked: { readonly atMost: number } | { readonly atLeast: number };
}

export interface PublishedMethod {
  readonly name: string;
  /** As Table 3 prints it: control and best accuracy in percent, scaling in points a doubling. */
  readonly printed: { readonly control: number; readonly scaling: number; readonly performance: number };
  readonly source: string;
  readonly points: readonly PublishedPoint[];
}

const AIME24_QUESTIONS = 30;
/** Thinking that nobody steered, on AIME24 (Table 14): where "short" has to stay below, and "long" above. */
const UNSTEERED_TOKENS = 6_109;
/** A step was taken for so many tokens (appendix E.1). */
const TOKENS_A_STEP = 100;

/** Tokens thought, questions right, limit. */
type Row = readonly [tokens: number, right: number, limit: number];

const limited = (rows: readonly Row[]): PublishedPoint[] =>
  rows.map(([meanThinkingTokens, right, atMost]) => ({
    meanThinkingTokens,
    accuracy: right / AIME24_QUESTIONS,
    asked: { atMost },
  }));

const inSteps = (rows: readonly Row[]): PublishedPoint[] =>
  limited(rows.map(([tokens, right, steps]) => [tokens, right, steps * TOKENS_A_STEP]));

/**
 * Table 3 of s1 (Muennighoff et al. 2025, arXiv 2501.19393) and the points behind it. Accuracies are printed in rounded percent
 * and are thirtieths; points of figures were read off the vector graphics that the authors published.
 */
export const S1_METHODS = {
  budgetForcing: {
    name: 'budget forcing',
    printed: { control: 100, scaling: 15, performance: 56.7 },
    source: 'figure 1; the last limit is what fits the context',
    points: limited([
      [500, 0, 500],
      [1_000, 4, 1_000],
      [2_000, 9, 2_000],
      [3_933, 13, 4_000],
      [5_300, 15, 8_000],
      [6_657, 16, 16_000],
      [7_320, 17, 32_768],
    ]),
  },
  tokenConditional: {
    name: 'token-conditional',
    printed: { control: 40, scaling: -24, performance: 40 },
    source: 'table 12',
    points: limited([
      [7_939, 8, 1_024],
      [7_158, 9, 2_048],
      [8_263, 10, 4_096],
      [7_108, 10, 8_192],
      [7_500, 12, 16_384],
    ]),
  },
  tokenConditionalForced: {
    name: 'token-conditional, forced',
    printed: { control: 100, scaling: 13, performance: 40 },
    source: 'table 12',
    points: limited([
      [1_024, 1, 1_024],
      [2_048, 9, 2_048],
      [4_031, 10, 4_096],
      [5_664, 10, 8_192],
      [6_330, 12, 16_384],
    ]),
  },
  stepConditional: {
    name: 'step-conditional',
    printed: { control: 60, scaling: 3, performance: 36.7 },
    source: 'table 13',
    points: inSteps([
      [7_252, 10, 16],
      [6_277, 7, 32],
      [5_396, 10, 64],
      [5_552, 11, 128],
      [7_551, 10, 256],
    ]),
  },
  stepConditionalForced: {
    name: 'step-conditional, forced',
    printed: { control: 100, scaling: 6, performance: 36.7 },
    source: 'table 13',
    points: inSteps([
      [1_517, 7, 16],
      [2_963, 7, 32],
      [4_636, 10, 64],
      [5_409, 11, 128],
      [7_551, 10, 256],
    ]),
  },
  classConditional: {
    name: 'class-conditional',
    printed: { control: 50, scaling: 25, performance: 36.7 },
    source: 'table 14',
    points: [
      { meanThinkingTokens: 8_033, accuracy: 9 / AIME24_QUESTIONS, asked: { atMost: UNSTEERED_TOKENS } },
      { meanThinkingTokens: 9_651, accuracy: 11 / AIME24_QUESTIONS, asked: { atLeast: UNSTEERED_TOKENS } },
    ],
  },
  rejectionSampling: {
    name: 'rejection sampling',
    printed: { control: 100, scaling: -35, performance: 40 },
    source: 'figure 6; table 3 counts five evaluations, the figure has six',
    points: limited([
      [2_974, 12, 3_500],
      [3_703, 11, 4_000],
      [4_344, 10, 5_000],
      [4_734, 9, 6_000],
      [5_193, 8, 8_000],
      [5_293, 7, 16_000],
    ]),
  },
} as const satisfies Readonly<Record<string, PublishedMethod>>;
