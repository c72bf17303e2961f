import type { Plan } from '../plan/plan.ts';
import type { RecipePlan } from './plan-recipe.ts';

/** Plans with how each was rehearsed, in their order. */
export function withRehearsals(
  { whole, plans }: RecipePlan,
  rehearsals: readonly Plan['rehearsal'][],
): RecipePlan {
  const rehearsed = plans.map((plan, index) => ({ ...plan, rehearsal: rehearsals[index] ?? null }));
  const [only] = rehearsed;
  if (!('arms' in whole)) return { whole: { ...whole, rehearsal: only?.rehearsal }, plans: rehearsed };
  const arms = whole.arms.map((arm, index) => ({ ...arm, plan: rehearsed[index] ?? arm.plan }));
  return { whole: { ...whole, arms }, plans: rehearsed };
}
