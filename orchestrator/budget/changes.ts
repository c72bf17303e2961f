import { canonicalJson } from '../recipe/canonical.ts';
import type { Budget } from './budgets.ts';
import { ownerText } from './judge.ts';
import { limitsOf, quantityText } from './limit.ts';

export interface BudgetChange {
  readonly what: 'added' | 'changed' | 'removed' | 'kept';
  readonly name: string;
  /** What it was and is, for a person; null where it was not or is not. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What becomes of each budget when the set takes the place of another: in its order, then those that it leaves out. */
export function changesOf(before: readonly Budget[], after: readonly Budget[]): readonly BudgetChange[] {
  const changes = after.map((budget): BudgetChange => {
    const was = before.find(({ name }) => name === budget.name);
    const isKept = was !== undefined && canonicalJson(was) === canonicalJson(budget);
    const what = was === undefined ? 'added' : isKept ? 'kept' : 'changed';
    return { what, name: budget.name, before: was ? budgetText(was) : null, after: budgetText(budget) };
  });
  const removed = before.filter(({ name }) => !after.some((budget) => budget.name === name));
  return [
    ...changes,
    ...removed.map((budget): BudgetChange => {
      return { what: 'removed', name: budget.name, before: budgetText(budget), after: null };
    }),
  ];
}

/** `team red: 100 device-hours and 500.00 USD each month from 2026-11-01`. */
export function budgetText(budget: Budget): string {
  const limits = limitsOf(budget).map(({ unit, limit }) => quantityText(unit, limit));
  const period = budget.period === 'month' ? 'each month' : 'in total';
  const from = budget.from === undefined ? '' : ` from ${budget.from}`;
  return `${ownerText(budget)}: ${limits.join(' and ')} ${period}${from}`;
}
