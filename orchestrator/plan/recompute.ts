import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute, RecomputeLimit } from '../wire/job-spec.ts';

/**
 * Share of a device's memory that a step may take by the plan. Tensors are known to the byte, what lies around them is not:
 * CUDA itself keeps some of what the device reports, and the allocator leaves gaps between its streams.
 */
export const PLANNED_MEMORY_SHARE = 0.97;

/**
 * Share up to which a way to recompute is chosen for its speed. No device has met the formula yet, so that a step is at the
 * edge is worth little: the next way is some percent slower, and one step out of memory ends the run.
 */
export const CHOSEN_MEMORY_SHARE = 0.92;

/** Tokens on each rank. */
export interface StepTokens {
  readonly longest: number;
  readonly mean: number;
}

/**
 * What steps recompute, by their tokens on each rank. `auto` recomputes nothing if even the longest possible step fits
 * so; otherwise the trainer takes per step the cheapest of its other modes that fits. `gate` is among them where at least the
 * mean step fits: each way to run a block is compiled while the devices wait. Everything is recomputed in steps longer than
 * any that was foreseen.
 */
export function recomputeLimits(
  recipe: FineTune,
  { longest, mean }: StepTokens,
  mostOf: (recompute: Recompute) => number,
): RecomputeLimit[] {
  const asked = recipe.training.recompute;
  if (asked !== 'auto') return [{ mode: asked, upToTokens: null }];
  const upTo = (mode: Recompute): RecomputeLimit => ({ mode, upToTokens: mostOf(mode) });
  const rest: RecomputeLimit = { mode: 'full', upToTokens: null };
  if (longest <= mostOf('none')) return [upTo('none'), rest];
  const gate = upTo('gate');
  if (mean > (gate.upToTokens ?? 0)) return [upTo('selective'), rest];
  return longest <= (gate.upToTokens ?? 0) ? [gate, rest] : [gate, upTo('selective'), rest];
}

/** The largest number for which `fits` holds, given that it holds for every smaller one; 0 if for none. */
export function mostTokens(fits: (tokens: number) => boolean): number {
  let [below, above] = [0, 1];
  while (fits(above) && above < Number.MAX_SAFE_INTEGER / 2) [below, above] = [above, 2 * above];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (fits(middle)) below = middle;
    else above = middle;
  }
  return below;
}

/** What a step with so many tokens on each rank recomputes. */
export function recomputeOf(limits: readonly RecomputeLimit[], tokens: number): Recompute {
  const limit = limits.find(({ upToTokens }) => upToTokens === null || tokens <= upToTokens);
  return limit?.mode ?? 'full';
}
