import type { ControlResult, EvaluationResult } from '../wire/evaluation-result.ts';
import { type ControlName, controlName } from './control-name.ts';
import { mean } from './mean.ts';
import type { PairedDifference } from './paired-difference.ts';
import { pairedShares } from './paired-shares.ts';
import { questionScores } from './question-scores.ts';

/** Several answers and what most of them say, beside one that was thought about for longer, for no more tokens. */
export interface ParallelGain {
  readonly benchmark: string;
  readonly sequential: ControlName;
  readonly parallel: ControlName;
  /** That vote. */
  readonly answers: number;
  /** Mean thinking tokens a question, of all answers that vote and of the one. */
  readonly parallelTokens: number;
  readonly sequentialTokens: number;
  /** The vote minus the one answer, question by question. */
  readonly accuracy: PairedDifference;
}

/**
 * For each budget and "Wait" the vote of as many answers under one plain budget as its tokens pay for: of all that there are, the one
 * that spends most of them. None where they do not pay for two.
 */
export function parallelGains({ benchmarks }: Pick<EvaluationResult, 'benchmarks'>): readonly ParallelGain[] {
  return benchmarks.flatMap(({ name, results }) => {
    const steered = results.filter(({ control }) => control === 'budget' || control === 'wait');
    const votes = steered.filter(({ control }) => control === 'budget').flatMap(votesOf);
    return steered.flatMap((sequential) => {
      const { accuracy, samples, thinkingTokens } = questionScores(sequential);
      const sequentialTokens = mean(thinkingTokens);
      // Without any thinking nothing is longer, and a vote would stand beside the very answers that voted.
      const paid = votes.filter(({ tokens }) => sequentialTokens > 0 && tokens <= sequentialTokens);
      const best = paid.toSorted((a, b) => b.tokens - a.tokens)[0];
      if (best === undefined) return [];
      return [
        {
          benchmark: name,
          sequential: controlName(sequential),
          parallel: controlName(best.result),
          answers: best.answers,
          parallelTokens: best.tokens,
          sequentialTokens,
          accuracy: pairedShares(accuracy, best.majority, samples),
        },
      ];
    });
  });
}

function votesOf(result: ControlResult) {
  const each = mean(questionScores(result).thinkingTokens);
  return (result.votes ?? [])
    .filter(({ answers }) => answers > 1)
    .map(({ answers, majority }) => ({ result, answers, majority, tokens: answers * each }));
}
