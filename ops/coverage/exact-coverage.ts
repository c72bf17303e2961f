import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { shareDifference } from '../../orchestrator/evaluation/paired-shares.ts';
import { logFactorials } from '../../orchestrator/evaluation/power.ts';
import { shareInterval } from '../../orchestrator/evaluation/share-interval.ts';
import { type Cell, normalQuantile, normalShare } from './answers.ts';
import { type Coverage, gainsOf, holds } from './coverage-of.ts';

/** What is less probable than this adds nothing that is shown. */
const LEAST_LOG = -22;
/** Steps of the integral over how hard a question is, from -8 to 8 standard deviations. */
const STEPS = 4_000;

/** What `coverageOf` draws, of a benchmark whose questions are answered once, summed over all that may come of it. */
export function exactCoverageOf(cell: Cell): Coverage {
  const byGain = gainsOf(cell).map((gain) => ({ gain, ...exactCoverage(cell, gain) }));
  return {
    cell,
    repeats: undefined,
    accuracy: accuracyHeld(cell),
    difference: Math.min(...byGain.map(({ held }) => held)),
    falseClaims: byGain.find(({ gain }) => gain === 0)?.told ?? 0,
  };
}

/** How often the interval of an accuracy holds it: right answers to single ones are binomial, however alike questions are. */
function accuracyHeld({ questions, accuracy }: Cell): number {
  const logs = logFactorials(questions);
  const log = (count: number) => logs[count] ?? 0;
  let held = 0;
  for (let right = 0; right <= questions; right++) {
    const wrong = questions - right;
    const scores = Array.from({ length: questions }, (_, index) => (index < right ? 1 : 0));
    if (!holds(shareInterval(scores, 1), accuracy)) continue;
    held += Math.exp(
      log(questions) - log(right) - log(wrong) + right * Math.log(accuracy) + wrong * Math.log(1 - accuracy),
    );
  }
  return held;
}

/** How often the interval of a difference holds it, and tells two models apart, with one answer to each question. */
interface ExactCoverage {
  readonly held: number;
  readonly told: number;
}

/** The sum over all numbers of questions gained and lost: no chance in it. */
function exactCoverage(cell: Cell, gain: number): ExactCoverage {
  const { questions, accuracy } = cell;
  const both = bothRight(cell, accuracy + gain);
  const [up, down] = [accuracy + gain - both, accuracy - both];
  const logs = logFactorials(questions);
  const log = (count: number) => logs[count] ?? 0;
  let [held, told] = [0, 0];
  for (let gained = 0; gained <= questions; gained++)
    for (let lost = 0; gained + lost <= questions; lost++) {
      const kept = questions - gained - lost;
      const chance =
        log(questions) -
        log(gained) -
        log(lost) -
        log(kept) +
        gained * Math.log(up) +
        lost * Math.log(down) +
        kept * Math.log(1 - up - down);
      if (chance < LEAST_LOG) continue;
      const difference = shareDifference(gained, lost, questions);
      if (holds(difference, gain)) held += Math.exp(chance);
      if (canBeTold(difference)) told += Math.exp(chance);
    }
  return { held, told };
}

/** How often two answers to one question are right, drawn as `drawScores` draws them. */
function bothRight({ accuracy, correlation }: Cell, other: number): number {
  const thresholds = [accuracy, other].map(normalQuantile);
  let [sum, weights] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    const hard = -8 + (16 * (step + 0.5)) / STEPS;
    const weight = Math.exp((-hard * hard) / 2);
    const shares = thresholds.map((threshold) =>
      normalShare((threshold - Math.sqrt(correlation) * hard) / Math.sqrt(1 - correlation)),
    );
    weights += weight;
    sum += shares.reduce((product, share) => product * share, weight);
  }
  return sum / weights;
}
