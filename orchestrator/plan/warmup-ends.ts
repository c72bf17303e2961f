import type { FineTune } from '../recipe/fine-tune.ts';
import { formatFigure, formatInteger } from '../units/format.ts';
import type { Verdict } from './plan.ts';
import type { StepCount } from './steps.ts';

/** The learning rate rises from 0: a run whose every step warms up ends before it has learnt anything. */
export function warmupEnds({ training }: FineTune, { steps, warmup }: StepCount): Verdict {
  const verdict = { name: 'warmup-ends', refuses: true };
  if (steps === 0) return { ...verdict, ok: true, message: 'unknown until the data is prepared' };
  const figures = `${formatInteger(warmup)} of ${formatInteger(steps)} steps warm up`;
  if (warmup < steps) return { ...verdict, ok: true, message: figures };
  const { warmupRatio } = training.schedule;
  const todo =
    steps === 1
      ? 'set training.schedule.warmupRatio to 0, or train for more steps: more epochs or a smaller training.globalBatch'
      : `lower training.schedule.warmupRatio, now ${formatFigure(warmupRatio)}, to at most ${Math.floor((100 * (steps - 1)) / steps) / 100}`;
  return { ...verdict, ok: false, message: `${figures}, so the learning rate never arrives: ${todo}` };
}
