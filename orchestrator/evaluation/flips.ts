import type { ControlResult, EvaluationResult } from '../wire/evaluation-result.ts';
import { type ControlName, controlName } from './control-name.ts';
import { matchControls } from './match-controls.ts';

/** Questions that are answered right more often in one result than in one before it, or less often; numbers from 1, in the benchmark's order. */
export interface Flips extends ControlName {
  readonly benchmark: string;
  /** Wrong before, right now; of several answers, more of them. */
  readonly gained: readonly number[];
  /** Right before, wrong now; of several answers, more of them. */
  readonly lost: readonly number[];
  /** Questions. */
  readonly n: number;
}

type Measured = Pick<EvaluationResult, 'benchmarks'>;

export interface FlippedAnswers {
  /** Of each control that both results have, over the same questions. */
  readonly flips: readonly Flips[];
  /** Benchmarks of one name whose questions differ, so that none of them has changed sides. */
  readonly otherQuestions: readonly string[];
}

export function flipsBetween(before: Measured, now: Measured): FlippedAnswers {
  const { controls, otherQuestions } = matchControls(before, now);
  const flips = controls.map(({ benchmark, reference, other }) => {
    const changed = changedSides(reference, other);
    return { benchmark, ...controlName(reference), ...changed, n: reference.correct.length };
  });
  return { flips, otherQuestions };
}

type Counted = Pick<ControlResult, 'correct' | 'samples'>;

/** Between two results over the same questions: by the share of right answers, where the two have not answered as often. */
export function changedSides(before: Counted, now: Counted): Pick<Flips, 'gained' | 'lost'> {
  const { samples: of = 1 } = before;
  const { samples: to = 1 } = now;
  // Whole numbers, because thirds have no place among floating-point ones.
  const changed = (by: number) =>
    now.correct.flatMap((right, index) =>
      Math.sign(right * of - (before.correct[index] ?? 0) * to) === by ? [index + 1] : [],
    );
  return { gained: changed(1), lost: changed(-1) };
}
