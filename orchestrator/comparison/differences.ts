import { controlName } from '../evaluation/control-name.ts';
import { summariseControl } from '../evaluation/control-summary.ts';
import { matchControls } from '../evaluation/match-controls.ts';
import type { PairedDifference } from '../evaluation/paired-difference.ts';
import { pairedMeans } from '../evaluation/paired-means.ts';
import { pairedShares } from '../evaluation/paired-shares.ts';
import { questionScores } from '../evaluation/question-scores.ts';
import type { ControlResult, EvaluationResult } from '../wire/evaluation-result.ts';
import type { ArmDifference, ControlGain } from './comparison.ts';

export interface EvaluatedArm {
  readonly name: string;
  readonly evaluation: Pick<EvaluationResult, 'benchmarks' | 'dtype'>;
  /** Of the model that training began from. */
  readonly untouched?: EvaluationResult['untouched'];
}

function accuracyDifference(reference: ControlResult, other: ControlResult): PairedDifference {
  const [of, to] = [questionScores(reference), questionScores(other)];
  return pairedShares(of.accuracy, to.accuracy, Math.max(of.samples, to.samples));
}

/** Every control that both arms have on the same questions. */
export function armDifferences(reference: EvaluatedArm, other: EvaluatedArm): readonly ArmDifference[] {
  return matchControls(reference.evaluation, other.evaluation).controls.map((match) => ({
    benchmark: match.benchmark,
    ...controlName(match.reference),
    reference: reference.name,
    arm: other.name,
    accuracy: accuracyDifference(match.reference, match.other),
    thinkingTokens: pairedMeans(
      questionScores(match.reference).thinkingTokens,
      questionScores(match.other).thinkingTokens,
      match.reference.budget,
    ),
  }));
}

/**
 * What more thinking is worth to one arm: the largest budget over the smallest, and each Wait over its
 * budget.
 */
export function controlGains(arm: EvaluatedArm): readonly ControlGain[] {
  return arm.evaluation.benchmarks.flatMap((benchmark) => {
    const budgets = benchmark.results
      .filter((result) => result.control === 'budget')
      .toSorted((a, b) => a.budget - b.budget);
    const waits = benchmark.results.filter((result) => result.control === 'wait');
    const smallest = budgets[0];
    const largest = budgets.at(-1);
    const pairs: (readonly [ControlResult, ControlResult])[] = [];
    if (smallest !== undefined && largest !== undefined && smallest !== largest)
      pairs.push([smallest, largest]);
    for (const wait of waits) {
      const plain = budgets.find((result) => result.budget === wait.budget);
      if (plain !== undefined) pairs.push([plain, wait]);
    }
    return pairs.map(([from, to]) => ({
      arm: arm.name,
      benchmark: benchmark.name,
      from: summariseControl(from),
      to: summariseControl(to),
      accuracy: accuracyDifference(from, to),
    }));
  });
}
