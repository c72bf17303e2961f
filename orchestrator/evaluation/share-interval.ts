import { betaQuantile } from './beta.ts';
import { gapSpread } from './gap-spread.ts';
import { mean } from './mean.ts';
import { NORMAL_QUANTILE, studentQuantile } from './student-t.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 95% interval of a share of right answers, from the share of each question's answers that are right.
 *
 * With one answer a question it is the exact one of Clopper and Pearson (1934): other intervals are narrower and cover
 * less than they say for some shares. With more, answers to one question resemble each other, so that they count as
 * fewer: as many as would give the spread that is seen between questions (Korn and Graubard 1998), less what its estimate
 * may be wrong by, and no fewer than the questions.
 *
 * @param scores - By question, each in [0, 1].
 * @param samples - Answers to each question.
 * @throws RangeError of no question, and where a score is no share of so many answers.
 */
export function shareInterval(scores: readonly number[], samples = 1): Interval {
  const n = scores.length;
  const wrong = scores.find((score) => !isShareOf(score, samples));
  if (n === 0 || wrong !== undefined)
    throw new RangeError(
      `expected shares of ${samples} answers, at least one, found ${n === 0 ? 'none' : wrong}`,
    );
  const share = mean(scores);
  const answers = samples === 1 ? n : effectiveAnswers(scores, samples, share);
  const right = samples === 1 ? Math.round(share * n) : share * answers;
  return {
    low: Math.min(share, betaQuantile(0.025, right, answers - right + 1)),
    high: Math.max(share, betaQuantile(0.975, right + 1, answers - right)),
  };
}

function effectiveAnswers(scores: readonly number[], samples: number, share: number): number {
  const n = scores.length;
  const { standardError, degrees } = gapSpread(
    scores.map((score) => score - share),
    samples,
  );
  const seen = (share * (1 - share)) / standardError ** 2;
  const lessDoubt = (of: number) => (NORMAL_QUANTILE / studentQuantile(of)) ** 2;
  return Math.min(n * samples, Math.max(1, seen * lessDoubt(degrees), n * lessDoubt(n - 1)));
}

const isShareOf = (score: number, samples: number): boolean =>
  score >= 0 && score <= 1 && Math.abs(score * samples - Math.round(score * samples)) < 1e-9;
