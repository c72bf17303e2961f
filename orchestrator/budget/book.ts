import type { Priced } from '../ledger/price-on.ts';
import type { Pricing } from '../ledger/pricing.ts';
import { dayOf } from '../ledger/usage-day.ts';
import type { Budget } from './budgets.ts';

/** Who answers for a run's cost. */
export interface Scope {
  readonly team: string | null;
  readonly project: string | null;
}

/** What a run held on a day; GPU-milliseconds. */
export interface DayUse extends Scope, Priced {
  readonly run: string;
  readonly gpuMilliseconds: number;
}

/** The most that a run which goes on may hold in all, what it has held already included; GPU-milliseconds. */
export interface Reservation extends Scope, Pricing {
  readonly run: string;
  readonly gpuMilliseconds: number;
}

/** What budgets are judged by. */
export interface BudgetBook {
  readonly budgets: readonly Budget[];
  /** Of runs that go on, or whose last usage is not summed up yet. */
  readonly reservations: readonly Reservation[];
  /** Of the runs that a budget covers, since the first of their periods began; of those with a reservation, all. */
  readonly uses: readonly DayUse[];
}

export const covers = ({ team, project }: Budget, scope: Scope): boolean =>
  team === undefined ? project === scope.project : team === scope.team;

/** Days since 1970-01-01 in UTC that a budget is about just now. */
export interface Period {
  readonly since: number;
  /** `2026-11`, `total`. */
  readonly name: string;
  /** In a sentence: `for 2026-11`, `in total`. */
  readonly text: string;
}

/** @returns Null while it is not in force yet. */
export function periodOf({ period, from }: Budget, now: number): Period | null {
  const begins = from === undefined ? 0 : dayOf(Date.parse(from));
  if (begins > dayOf(now)) return null;
  if (period === 'total')
    return { since: begins, name: 'total', text: from === undefined ? 'in total' : `since ${from}` };
  const today = new Date(now);
  const month = dayOf(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1));
  const name = today.toISOString().slice(0, 7);
  return { since: Math.max(begins, month), name, text: `for ${name}` };
}
