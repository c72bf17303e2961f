import type { ControlResult } from '../wire/evaluation-result.ts';
import { mean } from './mean.ts';
import { shareInterval } from './share-interval.ts';

/** One way to bound thinking on one benchmark, with what it yielded. */
export interface ControlSummary {
  readonly control: 'budget' | 'wait';
  /** Largest number of thinking tokens. */
  readonly budget: number;
  /** How often the end of thinking was suppressed. */
  readonly times: number;
  /** Share of questions answered right, with its 95% interval. */
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  /** Questions. */
  readonly n: number;
  readonly meanThinkingTokens: number;
  /** Share of questions whose thinking was ended by the budget. */
  readonly forcedShare: number;
  /** Share of answers that the grader could not read; null where it was not counted. */
  readonly unreadableShare: number | null;
  /** Questions for which the control did what it says, could not, or was ignored; null where that was not counted. */
  readonly obeyed: number | null;
  readonly impossible: number | null;
  readonly ignored: number | null;
  /** Answers that the grader could not read; null where they were not counted. */
  readonly unreadable: number | null;
  /** Of the interval. */
  readonly method: 'clopper-pearson';
  /** Share of answers that ended at their limit of tokens; null where it was not counted. */
  readonly cutShare: number | null;
}

export function summariseControl(result: ControlResult): ControlSummary {
  const n = result.correct.length;
  return {
    control: result.control,
    budget: result.budget,
    times: result.times,
    accuracy: mean(result.correct),
    ...shareInterval(result.correct),
    n,
    meanThinkingTokens: mean(result.thinkingTokens),
    forcedShare: result.forced / n,
    unreadableShare: result.unreadable === undefined ? null : result.unreadable / n,
    obeyed: result.obeyed ?? null,
    impossible: result.impossible ?? null,
    ignored: result.ignored ?? null,
    unreadable: result.unreadable ?? null,
    method: 'clopper-pearson',
    cutShare: result.cut === undefined ? null : result.cut / n,
  };
}

/** As it reads in a sentence: `budget 32`, `budget 32 with 2 × Wait`. */
export function controlLabel(control: Pick<ControlSummary, 'budget' | 'times'>): string {
  return control.times === 0
    ? `budget ${control.budget}`
    : `budget ${control.budget} with ${control.times} × Wait`;
}
