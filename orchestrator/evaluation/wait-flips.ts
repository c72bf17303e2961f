import type { EvaluationResult } from '../wire/evaluation-result.ts';
import { changedSides } from './flips.ts';

/** What one "Wait" more has changed, or as many as lie between two controls: questions whose answers changed sides. */
export interface WaitFlips {
  readonly benchmark: string;
  readonly budget: number;
  /** How often the end of thinking was suppressed, before and now; 0 is the plain budget. */
  readonly from: number;
  readonly to: number;
  /** Questions that are answered right more often now, and less often. */
  readonly gained: number;
  readonly lost: number;
  /** Questions. */
  readonly n: number;
}

/** Of each budget with its "Wait"s, from one number of them to the next. */
export function waitFlips({ benchmarks }: Pick<EvaluationResult, 'benchmarks'>): readonly WaitFlips[] {
  return benchmarks.flatMap(({ name, n, results }) =>
    [...new Set(results.map(({ budget }) => budget))].flatMap((budget) => {
      const rising = results
        .filter((result) => result.budget === budget && isOfWaits(result.control))
        .toSorted((a, b) => a.times - b.times);
      return rising.slice(1).flatMap((now, index) => {
        const before = rising[index];
        if (before === undefined) return [];
        const { gained, lost } = changedSides(before, now);
        const counts = { gained: gained.length, lost: lost.length };
        return [{ benchmark: name, budget, from: before.times, to: now.times, ...counts, n }];
      });
    }),
  );
}

const isOfWaits = (control: string): boolean => control === 'budget' || control === 'wait';
