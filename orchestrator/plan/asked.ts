import type { EvaluationSettings } from '../recipe/evaluation.ts';
import { ASSUMED_QUESTIONS, type KnownBenchmark, knownQuestions } from './evaluation-load.ts';
import type { DataLengths } from './lengths.ts';
import { meanLength } from './sizing.ts';
import { thoughtAgain } from './thought-again.ts';

/** What one benchmark asks of a server that takes each question as soon as there is room for it. */
export interface BenchmarkLoad {
  readonly name: string;
  /** Answers, each under every control. */
  readonly units: number;
  /** Tokens that a unit is continued by under all controls, in the mean, and where it uses up all that it may. */
  readonly tokens: number;
  readonly mostTokens: number;
  /** By which the longest thought of them is expected to exceed the mean one: of each model, the last question thinks alone. */
  readonly tailTokens: number;
  /** Whether anything is known of how long thoughts are; else each uses up its budget. */
  readonly lengthKnown: boolean;
}

/** Of `maxAnswerTokens`: most answers are short, and end by themselves. */
const ANSWER_SHARE = 0.5;

/**
 * A thought is as long as the recipe says that it is in the mean, else as long as the model was shown to think, else as long as it
 * may be. Controls share it: a smaller budget's is the beginning of a larger one's, and each "Wait" goes on from the last.
 */
export function whatIsAsked(
  { benchmarks, controls, maxAnswerTokens, samples = 1, untouched }: EvaluationSettings,
  lengths: Pick<DataLengths, 'basis' | 'kept'>,
  known: readonly KnownBenchmark[],
): readonly BenchmarkLoad[] {
  const limit = Math.max(...controls.map(({ maxThinkingTokens }) => maxThinkingTokens));
  const shown = lengths.basis === 'none' ? undefined : meanLength(lengths);
  const answers = controls.length * maxAnswerTokens;
  return benchmarks.map((benchmark) => {
    const length = benchmark.thinkingTokens ?? shown;
    // The model that training began from was shown nothing of the kind.
    const lengthOf = untouched === true ? [length, benchmark.thinkingTokens] : [length];
    const mean = (of: (thought: (atMost: number) => number) => number) =>
      lengthOf.reduce<number>((sum, each) => sum + of((atMost) => Math.min(atMost, each ?? atMost)), 0) /
      lengthOf.length;
    return {
      name: benchmark.name,
      units: lengthOf.length * samples * (knownQuestions(benchmark, known) ?? ASSUMED_QUESTIONS),
      tokens:
        mean((thought) => thought(limit) + thoughtAgain(controls, thought).expected) + ANSWER_SHARE * answers,
      mostTokens: limit + thoughtAgain(controls, (atMost) => atMost).most + answers,
      tailTokens: lengthOf.length * (limit - mean((thought) => thought(limit))),
      lengthKnown: length !== undefined,
    };
  });
}
