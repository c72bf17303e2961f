import type { MethodMetrics } from '../evaluation/control-metrics.ts';
import type { ControlName } from '../evaluation/control-name.ts';
import type { ControlSummary } from '../evaluation/control-summary.ts';
import type { PairedDifference } from '../evaluation/paired-difference.ts';
import type { ParallelGain } from '../evaluation/parallel-thinking.ts';
import type { PublishedCurve } from '../evaluation/published-curves.ts';
import type { WaitFlips } from '../evaluation/wait-flips.ts';
import type { HeldTime } from '../ledger/statement.ts';
import type { RunState } from '../run/state.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { SameInputs } from './same-inputs.ts';

export interface EvaluationRow extends ControlSummary {
  readonly benchmark: string;
}

export interface BenchmarkMetrics extends MethodMetrics {
  readonly benchmark: string;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/**
 * Names that the machine-readable contract fixes: run, value, truncatedShare, loss, gpuHours, cost,
 * evaluations.
 */
export interface ComparedArm {
  readonly run: string;
  /** Unique within the comparison; what tables, charts and findings call the arm. */
  readonly name: string;
  /** The factor's value; null where the runs share no factor. */
  readonly value: unknown;
  readonly state: RunState['kind'];
  /** What is missing because the run has not ended well; null when it has. */
  readonly missing: string | null;
  readonly recipe: string;
  readonly recipeDigest: string;
  readonly cluster: string;
  /** Share of samples cut at the sequence length. */
  readonly truncatedShare: number;
  /** `prepared`: counted in the data; `plan`: estimated before it was prepared. */
  readonly truncatedBasis: 'prepared' | 'plan';
  readonly steps: number;
  readonly plannedSteps: number;
  /** Over all steps done; null before the first. */
  readonly tokensPerSecond: number | null;
  /** Mean of the last tenth of the steps done; null before the first. */
  readonly loss: number | null;
  readonly lossCurve: readonly LossPoint[];
  readonly gpuHours: number;
  readonly gpuMilliseconds: HeldTime;
  /** Productive share of the held time; null when none was held. */
  readonly goodput: number | null;
  readonly cost: number;
  readonly currency: string;
  readonly evaluations: readonly EvaluationRow[];
  /** Who judged answers beside the graders; null where nobody did. */
  readonly judge: EvaluationResult['judge'] | null;
  readonly metrics: readonly BenchmarkMetrics[];
  /** Of each benchmark with a right answer. */
  readonly perPoint: readonly PointPrice[];
  /** As in `perPoint` of the only benchmark; null without a right answer, and with several, whose points are not one another's. */
  readonly costPerPoint: number | null;
  readonly gpuHoursPerPoint: number | null;
  /** Device time of evaluating for each answer, and its part of the cost; null where nothing was answered. */
  readonly gpuSecondsPerAnswer: number | null;
  readonly costPerAnswer: number | null;
  readonly checkpoint: string | null;
}

/** What the whole run has cost for each percentage point of its best accuracy on a benchmark. */
export interface PointPrice {
  readonly benchmark: string;
  readonly cost: number;
  readonly gpuHours: number;
}

/** Two arms under one control, question by question: `arm` minus `reference`. */
export interface ArmDifference extends ControlName {
  readonly benchmark: string;
  readonly reference: string;
  readonly arm: string;
  readonly accuracy: PairedDifference;
  readonly thinkingTokens: PairedDifference;
}

/** One arm under two controls, question by question: `to` minus `from`. */
export interface ControlGain {
  readonly arm: string;
  readonly benchmark: string;
  readonly from: ControlSummary;
  readonly to: ControlSummary;
  readonly accuracy: PairedDifference;
}

/** What a model answered before it was trained. */
export interface UntouchedModel {
  /** `untouched`; where the arms began from different models, with the arm's name before it. */
  readonly name: string;
  readonly evaluations: readonly EvaluationRow[];
}

export interface FieldDifference {
  readonly path: string;
  /** One value an arm, in the arms' order; null where a recipe has no such field. */
  readonly values: readonly unknown[];
}

export interface Finding {
  readonly about: 'fine-tuning' | 'thinking budget' | 'accuracy' | 'thinking length' | 'cost' | 'caveat';
  /** False: the data does not tell. */
  readonly told: boolean;
  readonly text: string;
}

export interface Comparison {
  /** The one field in which the arms differ on purpose; null where the runs share none. */
  readonly factor: string | null;
  readonly arms: readonly ComparedArm[];
  /** Each arm against the first. */
  readonly differences: readonly ArmDifference[];
  readonly gains: readonly ControlGain[];
  readonly waitFlips: readonly (WaitFlips & { readonly arm: string })[];
  /** Several answers beside longer thinking, for no more tokens. */
  readonly parallel: readonly (ParallelGain & { readonly arm: string })[];
  /** What others have published about these benchmarks. */
  readonly published: readonly PublishedCurve[];
  /** By which model: an arm, or the model that it began from. */
  readonly decodedIn: readonly { readonly name: string; readonly dtype: 'fp32' | 'bf16' }[];
  /** The models that training began from; empty where none was evaluated. */
  readonly untouched: readonly UntouchedModel[];
  /** Each arm against the model that it began from. */
  readonly overUntouched: readonly ArmDifference[];
  /** Recipe fields that differ, the factor left out. */
  readonly recipeDifferences: readonly FieldDifference[];
  /** Whether the arms have read the same model, data and benchmarks, of each pair of them. */
  readonly sameInputs: readonly SameInputs[];
  /** Recipe fields that all arms share, by path. */
  readonly shared: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
}
