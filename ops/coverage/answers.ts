import { bisect } from '../../orchestrator/evaluation/bisect.ts';

/**
 * Answers to the questions of a benchmark, drawn by chance. What makes a question hard is common to all who answer it: an
 * answer is right where √correlation · (the question's) + √(1 - correlation) · (the answer's own) stays below a threshold,
 * both standard normal.
 */
export interface Cell {
  readonly questions: number;
  /** Answers to each question. */
  readonly samples: number;
  readonly accuracy: number;
  readonly correlation: number;
}

/** How hard each question is. */
export function drawQuestions({ questions }: Cell, random: () => number): readonly number[] {
  return Array.from({ length: questions }, () => normal(random));
}

/** Of each question the share of right answers, by somebody of this accuracy. */
export function drawScores(
  { samples, correlation }: Cell,
  hardness: readonly number[],
  accuracy: number,
  random: () => number,
): readonly number[] {
  const threshold = normalQuantile(accuracy);
  return hardness.map((hard) => {
    const chance = normalShare((threshold - Math.sqrt(correlation) * hard) / Math.sqrt(1 - correlation));
    let right = 0;
    for (let sample = 0; sample < samples; sample++) if (random() < chance) right += 1;
    return right / samples;
  });
}

/** Box and Muller 1958. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Abramowitz and Stegun 1964, 7.1.26: to 1.5e-7. */
export function normalShare(x: number): number {
  const at = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * at);
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const beyond = (tail * Math.exp(-at * at)) / 2;
  return x < 0 ? beyond : 1 - beyond;
}

const quantiles = new Map<number, number>();
export function normalQuantile(share: number): number {
  const known = quantiles.get(share);
  if (known !== undefined) return known;
  const [found] = bisect(-9, 9, 60, (x) => normalShare(x) >= share);
  quantiles.set(share, found);
  return found;
}
