import type { RunRecord } from '../store/port.ts';
import { podStatements } from './held-by-phase.ts';
import type { Workplace } from './workplace.ts';

/** Without a budget in the recipe, failures may cost as much again as the plan's upper estimate. */
const OF_THE_PLAN = 2;

/** Device time beyond which no attempt starts without a person asking; GPU-milliseconds. */
export function mayHold({ recipe, plan }: Pick<RunRecord, 'recipe' | 'plan'>): number {
  const hours = recipe.budget?.gpuHours ?? OF_THE_PLAN * plan.gpuHours.high;
  return Math.round(hours * 3_600_000);
}

/** Device time that the run has held until now; GPU-milliseconds. */
export async function heldSoFar(workplace: Pick<Workplace, 'store' | 'now'>, run: string): Promise<number> {
  const pods = await podStatements(workplace, [run]);
  return pods.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
}
