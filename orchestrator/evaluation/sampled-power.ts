import { bisect } from './bisect.ts';
import { LOST_SHARE, smallestTold } from './power.ts';
import { studentQuantile } from './student-t.ts';

/** Of the standard normal: as many benchmarks lie above it as are to tell the difference. */
const POWER_QUANTILE = 0.8416212335729143;
/** To less than a twentieth of a point. */
const HALVINGS = 11;
/**
 * How often one answer of each model to a question would differ in being right, where both are right half of the time and their
 * answers correlate by 0.6: arccos(0.6) / π. `smallestTold` assumes the same of a gain of 10 points.
 */
const DIFFERING = Math.acos(0.6) / Math.PI;
/**
 * Questions do not gain alike: their gains vary by this share of the mean gain, squared. Two models of about 50% whose answers
 * correlate by 0.6: 1/√(1 + 2v) · (1 + v) - 1 with v = 0.6 / 0.4, from the mean of the normal density and of its square.
 */
const GAIN_VARIANCE = 0.25;
/** Standard deviations by which the widest of some hundred gaps lies from their mean. */
const WIDEST = 2.5;
/** A normal's fourth moment over its second, squared: so many gaps carry as much of a spread as one that is always as wide. */
const NORMAL_KURTOSIS = 3;

/**
 * The smallest gain of a second model that is told in 80 of 100 benchmarks where both answer each question so often. One
 * answer: exactly, `smallestTold`. More: by the interval of `pairedShares`, whose spread is what questions differ by and what
 * answers to one question do, the latter divided by the answers. Null where hardly any gain is told.
 */
export function smallestToldBy(questions: number, samples: number): number | null {
  if (samples === 1) return smallestTold(questions);
  const most = 1 - 2 * LOST_SHARE;
  const isTold = (gain: number) => reach(gain, questions, samples) <= (gain * questions) / (questions + 2);
  if (!isTold(most)) return null;
  const [, gain] = bisect(0, most, HALVINGS, isTold);
  return gain;
}

/** How far the centre of the interval must lie from 0, to be told four times of five. */
function reach(gain: number, questions: number, samples: number): number {
  const between = GAIN_VARIANCE * gain ** 2;
  const variance = between + (Math.max(DIFFERING, gain) - gain ** 2 - between) / samples;
  const widest = Math.min(1, Math.max(1 / samples, gain + WIDEST * Math.sqrt(variance)));
  // As gapSpread counts: one question more to each side, as far as the widest.
  const squares = questions * variance + 2 * widest ** 2;
  const standardError = Math.sqrt(squares) / (questions + 2);
  const carrying = (squares + questions * gain ** 2) ** 2 / fourths(gain, variance, questions, widest);
  const degrees = Math.max(1, Math.min(questions - 1, Math.round(carrying) - 1));
  return studentQuantile(degrees) * standardError + POWER_QUANTILE * Math.sqrt(variance / questions);
}

/** Of normal gaps around the gain, and of the two that are added. */
const fourths = (gain: number, variance: number, questions: number, widest: number): number =>
  questions * (NORMAL_KURTOSIS * variance ** 2 + 6 * variance * gain ** 2 + gain ** 4) + 2 * widest ** 4;
