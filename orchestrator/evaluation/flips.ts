import type { ControlResult, EvaluationResult } from '../wire/evaluation-result.ts';
import { type ControlName, controlName } from './control-name.ts';
import { matchControls } from './match-controls.ts';

/** Questions whose answers changed sides between two results under one control; numbers from 1, in the benchmark's order. */
export interface Flips extends ControlName {
  readonly benchmark: string;
  /** Wrong before, right now. */
  readonly gained: readonly number[];
  /** Right before, wrong now. */
  readonly lost: readonly number[];
  /** Questions. */
  readonly n: number;
}

type Measured = Pick<EvaluationResult, 'benchmarks'>;

/** Of each control that both results have, over the same questions. */
export function flipsBetween(before: Measured, now: Measured): readonly Flips[] {
  return matchControls(before, now).controls.map(({ benchmark, reference, other }) => {
    const changed = changedSides(reference, other);
    return { benchmark, ...controlName(reference), ...changed, n: reference.correct.length };
  });
}

/** Between two results over the same questions, of which each was answered as often. */
export function changedSides(
  before: Pick<ControlResult, 'correct'>,
  now: Pick<ControlResult, 'correct'>,
): Pick<Flips, 'gained' | 'lost'> {
  const changed = (by: number) =>
    now.correct.flatMap((right, index) =>
      Math.sign(right - (before.correct[index] ?? 0)) === by ? [index + 1] : [],
    );
  return { gained: changed(1), lost: changed(-1) };
}
