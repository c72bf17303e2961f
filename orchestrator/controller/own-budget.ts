import type { RunBudget } from '../recipe/run-budget.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Run } from '../run/state.ts';

/** A run's own budget: that of its recipe until a person gives it another one. */
export const ownBudget = (
  { recipe }: Pick<RunRecord, 'recipe'>,
  { budget }: Pick<Run, 'budget'>,
): RunBudget | undefined => budget ?? recipe.budget;
