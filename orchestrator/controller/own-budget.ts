import type { RunBudget } from '../recipe/run-budget.ts';
import type { Run } from '../run/state.ts';
import type { RunRecord } from '../store/port.ts';

/** A run's own budget: that of its recipe until a person gives it another one. */
export const ownBudget = (
  { recipe }: Pick<RunRecord, 'recipe'>,
  { budget }: Pick<Run, 'budget'>,
): RunBudget | undefined => budget ?? recipe.budget;
