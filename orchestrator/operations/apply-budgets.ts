import { changesOf } from '../budget/changes.ts';
import type { Answer, Question } from '../contract/routes.ts';
import type { Desk } from './desk.ts';

/** The budgets take the place of all that were there. */
export async function applyBudgets(
  { store, now }: Pick<Desk['workplace'], 'store' | 'now'>,
  { budgets }: Question<'applyBudgets'>,
): Promise<Answer<'applyBudgets'>> {
  const changes = changesOf(await store.budgets.apply(budgets, now()), budgets);
  return { changes: changes.map((change) => ({ ...change })) };
}
