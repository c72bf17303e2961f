import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { pairedShares } from '../../orchestrator/evaluation/paired-shares.ts';
import { type Interval, shareInterval } from '../../orchestrator/evaluation/share-interval.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';
import { type Cell, drawQuestions, drawScores } from './answers.ts';

/** What a second model is better or worse by. */
const GAINS = [0, 0.067, -0.2] as const;
const QUESTIONS = [30, 198, 500] as const;
const SAMPLES = [1, 4, 16] as const;
const ACCURACIES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const;
const CORRELATIONS = [0, 0.3, 0.6, 0.9, 0.97] as const;

/** AIME has 30 questions, GPQA Diamond 198, MATH-500 500. */
export const CELLS: readonly Cell[] = QUESTIONS.flatMap((questions) =>
  SAMPLES.flatMap((samples) =>
    ACCURACIES.flatMap((accuracy) =>
      CORRELATIONS.map((correlation) => ({ questions, samples, accuracy, correlation })),
    ),
  ),
);

export interface Coverage {
  readonly cell: Cell;
  /** Benchmarks drawn; undefined where every outcome was summed, and no chance is left. */
  readonly repeats: number | undefined;
  /** How often the interval of an accuracy held the true one. */
  readonly accuracy: number;
  /** The same of a difference, for the gain for which it did so least often. */
  readonly difference: number;
  /** How often two equal models were told apart. */
  readonly falseClaims: number;
}

/** The gains that leave a second model an accuracy between 2 and 99%. */
export const gainsOf = ({ accuracy }: Cell): readonly number[] =>
  GAINS.filter((gain) => accuracy + gain > 0.02 && accuracy + gain < 0.99);

/** By drawing so many benchmarks and their answers; the same seed draws the same. */
export function coverageOf(cell: Cell, repeats: number, seed: number): Coverage {
  const random = seededRandom(seed);
  let [held, claimed] = [0, 0];
  const byGain = gainsOf(cell).map((gain) => ({ gain, held: 0 }));
  for (let repeat = 0; repeat < repeats; repeat++) {
    const hardness = drawQuestions(cell, random);
    const first = drawScores(cell, hardness, cell.accuracy, random);
    if (holds(shareInterval(first, cell.samples), cell.accuracy)) held += 1;
    for (const of of byGain) {
      const second = drawScores(cell, hardness, cell.accuracy + of.gain, random);
      const difference = pairedShares(first, second, cell.samples);
      if (holds(difference, of.gain)) of.held += 1;
      if (of.gain === 0 && canBeTold(difference)) claimed += 1;
    }
  }
  return {
    cell,
    repeats,
    accuracy: held / repeats,
    difference: Math.min(...byGain.map((of) => of.held / repeats)),
    falseClaims: claimed / repeats,
  };
}

export const holds = ({ low, high }: Interval, truth: number): boolean => low <= truth && truth <= high;
