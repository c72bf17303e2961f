import { mean } from '../evaluation/mean.ts';
import type { ArmInput } from './arm-input.ts';
import type { LossPoint } from './comparison.ts';

type Step = ArmInput['steps'][number];

/** Each step once and in order; of a step that was done again after a restart, the last report counts. */
export function distinctSteps(reported: readonly Step[]): readonly Step[] {
  const byNumber = new Map(reported.map((step) => [step.step, step]));
  return [...byNumber.values()].toSorted((a, b) => a.step - b.step);
}

/** Steps whose loss was finite. */
export function lossCurve(steps: readonly Step[]): readonly LossPoint[] {
  return steps.flatMap(({ step, loss }) => (loss === null ? [] : [{ step, loss }]));
}

/** Mean of the last tenth of the curve: one step's loss says more about its samples than about the model. */
export function finalLoss(curve: readonly LossPoint[]): number | null {
  if (curve.length === 0) return null;
  return mean(curve.slice(-Math.max(1, Math.ceil(curve.length / 10))).map((point) => point.loss));
}

/** At most `limit` points: means over equal stretches of the curve, at each stretch's last step. */
export function thinCurve(curve: readonly LossPoint[], limit: number): readonly LossPoint[] {
  const stretch = Math.ceil(curve.length / limit);
  if (stretch <= 1) return curve;
  return Array.from({ length: Math.ceil(curve.length / stretch) }, (_, index) => {
    const points = curve.slice(index * stretch, (index + 1) * stretch);
    return { step: points.at(-1)?.step ?? 0, loss: mean(points.map((point) => point.loss)) };
  });
}

export function tokensPerSecond(steps: readonly Step[]): number | null {
  const seconds = steps.reduce((total, step) => total + step.seconds, 0);
  return seconds === 0 ? null : steps.reduce((total, step) => total + step.tokens, 0) / seconds;
}
