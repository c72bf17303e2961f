import { mean } from './mean.ts';

/** What the questions' gaps say of their mean. */
export interface GapSpread {
  readonly centre: number;
  /** Of the centre. */
  readonly standardError: number;
  /** How far the standard error can be trusted. */
  readonly degrees: number;
}

/**
 * The spread of gaps, one a question, after one question more to each side: among few, those that lie farthest are seldom
 * seen. An estimate of a spread is as good as the values that carry it are many, so those are its degrees of freedom.
 * One question, however often it is answered, shows none of it: another may lie as far as any can.
 *
 * @param samples - Answers to each question: no gap that differs is smaller than one of them.
 */
export function gapSpread(gaps: readonly number[], samples: number): GapSpread {
  const widest = gaps.length === 1 ? 1 : Math.max(1 / samples, ...gaps.map(Math.abs));
  const all = [...gaps, widest, -widest];
  const centre = mean(all);
  const variance = mean(all.map((gap) => (gap - centre) ** 2));
  return {
    centre,
    standardError: Math.sqrt(variance / all.length),
    degrees: Math.max(1, Math.min(gaps.length - 1, Math.round(carrying(all)) - 1)),
  };
}

/**
 * How many values carry a spread: (Σ v²)² / Σ v⁴, the participation ratio. All of them, where they are as large as each
 * other; one, where one is all there is.
 */
function carrying(values: readonly number[]): number {
  let [squares, fourths] = [0, 0];
  for (const value of values) {
    squares += value ** 2;
    fourths += value ** 4;
  }
  return squares ** 2 / fourths;
}
