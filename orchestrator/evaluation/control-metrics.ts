import type { ControlSummary } from './control-summary.ts';
import { performance, scaling } from './scaling-metrics.ts';

/** s1's name for a way to steer thinking; a "Wait" belongs to budget forcing (s1, section 3). */
export const METHODS = {
  budget: 'budget forcing',
  wait: 'budget forcing',
  token: 'token-conditional',
  step: 'step-conditional',
  class: 'class-conditional',
  rejection: 'rejection sampling',
} as const satisfies Readonly<Record<ControlSummary['control'], string>>;
export type Method = (typeof METHODS)[keyof typeof METHODS];

/** s1's three metrics over all evaluations by one method (s1, section 3.2). */
export interface MethodMetrics {
  readonly method: Method;
  /** Share of evaluations that thought no longer, or no shorter, than was asked for. */
  readonly control: number | null;
  /** Percentage points per doubling of thinking tokens. */
  readonly scaling: number | null;
  /** Best accuracy. */
  readonly performance: number | null;
}

type Point = Pick<
  ControlSummary,
  'control' | 'budget' | 'times' | 'asked' | 'meanThinkingTokens' | 'accuracy'
>;

/** Of each method that was used on one benchmark. */
export function methodMetrics(points: readonly Point[]): readonly MethodMetrics[] {
  return [...new Set(points.map(({ control }) => METHODS[control]))].map((method) => {
    const own = points.filter(({ control }) => METHODS[control] === method);
    return {
      method,
      control: own.filter((point) => isWithin(point, points)).length / own.length,
      scaling: scaling(own),
      performance: performance(own),
    };
  });
}

/** A step was taken for so many tokens (s1, appendix E.1). */
const TOKENS_A_STEP = 100;

function isWithin({ control, budget, asked, meanThinkingTokens }: Point, all: readonly Point[]): boolean {
  if (control === 'class') {
    const plain = all.find((other) => other.control === 'budget' && other.budget === budget);
    if (plain === undefined) return false;
    const gap = meanThinkingTokens - plain.meanThinkingTokens;
    return asked === 'long' ? gap > 0 : gap < 0;
  }
  const told = typeof asked === 'number' ? asked : budget;
  const limits = { token: told, step: told * TOKENS_A_STEP, budget, wait: budget, rejection: budget };
  return meanThinkingTokens <= limits[control];
}
