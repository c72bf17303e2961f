import type { EvaluationResult } from '../wire/evaluation-result.ts';
import { type ControlName, controlKey } from './control-name.ts';
import { changedSides } from './flips.ts';

/** Of "Wait"s that differ in nothing but their number. */
type Kind = Pick<ControlName, 'text' | 'accounting'>;

/** What one "Wait" more has changed, or as many as lie between two controls: questions whose answers changed sides. */
export interface WaitFlips extends Kind {
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
    Object.values(Object.groupBy(results.filter(isWait), seriesOf)).flatMap((waits = []) => {
      const plain = results.filter(
        ({ control, budget }) => control === 'budget' && budget === waits[0]?.budget,
      );
      const rising = [...plain, ...waits].toSorted((a, b) => a.times - b.times);
      return rising.slice(1).flatMap((now, index) => {
        const before = rising[index];
        if (before === undefined) return [];
        const { gained, lost } = changedSides(before, now);
        const counts = { gained: gained.length, lost: lost.length };
        const { budget, text, accounting } = now;
        const kind = { ...(text !== undefined && { text }), ...(accounting !== undefined && { accounting }) };
        return [{ benchmark: name, budget, ...kind, from: before.times, to: now.times, ...counts, n }];
      });
    }),
  );
}

const isWait = ({ control }: Pick<ControlName, 'control'>): boolean => control === 'wait';

const seriesOf = (name: ControlName): string => controlKey({ ...name, times: 0 });
