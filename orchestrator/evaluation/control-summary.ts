import type { ControlResult, JudgeCounts } from '../wire/evaluation-result.ts';
import { type ControlName, controlName } from './control-name.ts';
import { mean } from './mean.ts';
import { questionScores } from './question-scores.ts';
import { type Interval, shareInterval } from './share-interval.ts';

/** One way to bound thinking on one benchmark, with what it yielded. */
export interface ControlSummary extends ControlName {
  /** Share of answers that are right, with its 95% interval; of several answers a question, avg@k. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** Questions. */
  readonly n: number;
  /** Answers to each. */
  readonly samples: number;
  /** With several answers a question: over the first so many of them, by rising number. */
  readonly votes: readonly VoteSummary[];
  readonly meanThinkingTokens: number;
  /** Of the question that was thought about longest; with several answers to it, their mean. */
  readonly longestThinkingTokens: number;
  /** Share of answers whose thinking was ended by the budget. */
  readonly forcedShare: number;
  /** Share of answers that the grader could not read; null where it was not counted. */
  readonly unreadableShare: number | null;
  /** Answers for which the control did what it says, could not, or was ignored; null where that was not counted. */
  readonly obeyed: number | null;
  readonly impossible: number | null;
  readonly ignored: number | null;
  /** Answers that the grader could not read; null where they were not counted. */
  readonly unreadable: number | null;
  /** Answers that a judge was asked about, by its verdict; null where none was named. */
  readonly judge: JudgeCounts | null;
  /** Of the interval. */
  readonly method: 'clopper-pearson' | 'korn-graubard';
  /** Share of answers that ended at their limit of tokens; null where it was not counted. */
  readonly cutShare: number | null;
  /** With `rejection`: how often thinking was drawn for an answer, and tokens of all that was drawn; else null. */
  readonly meanTries: number | null;
  readonly meanDrawnTokens: number | null;
  /** With `step`: answers whose thinking was ended because no step was left; else null. */
  readonly countedOut: number | null;
  /** Answers that ended in a loop; null where they were not counted. */
  readonly looped: number | null;
}

/** What several answers to a question come to: maj@k and cov@k of s1's harness, each with its 95% interval. */
export interface VoteSummary {
  readonly answers: number;
  readonly majority: Interval & { readonly share: number };
  readonly covered: Interval & { readonly share: number };
}

function summariseVotes({ votes = [] }: ControlResult): VoteSummary[] {
  const share = (right: readonly number[]) => ({ share: mean(right), ...shareInterval(right) });
  return votes.map(({ answers, majority, covered }) => ({
    answers,
    majority: share(majority),
    covered: share(covered),
  }));
}

export function summariseControl(result: ControlResult): ControlSummary {
  const { samples, accuracy, thinkingTokens } = questionScores(result);
  const n = accuracy.length;
  const answers = n * samples;
  return {
    ...controlName(result),
    accuracy: mean(accuracy),
    ...shareInterval(accuracy, samples),
    n,
    samples,
    votes: summariseVotes(result),
    meanThinkingTokens: mean(thinkingTokens),
    longestThinkingTokens: thinkingTokens.reduce((longest, each) => Math.max(longest, each), 0),
    forcedShare: result.forced / answers,
    unreadableShare: result.unreadable === undefined ? null : result.unreadable / answers,
    obeyed: result.obeyed ?? null,
    impossible: result.impossible ?? null,
    ignored: result.ignored ?? null,
    unreadable: result.unreadable ?? null,
    judge: result.judge ?? null,
    method: samples === 1 ? 'clopper-pearson' : 'korn-graubard',
    cutShare: result.cut === undefined ? null : result.cut / answers,
    meanTries: result.tries === undefined ? null : mean(result.tries) / samples,
    meanDrawnTokens: result.drawnTokens === undefined ? null : mean(result.drawnTokens) / samples,
    countedOut: result.countedOut?.reduce((sum, each) => sum + each, 0) ?? null,
    looped: result.looped ?? null,
  };
}
