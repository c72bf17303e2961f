import type { PriceOf } from '../ledger/cost-rows.ts';
import { dayOf } from '../ledger/usage-day.ts';
import { type BudgetBook, covers, type DayUse, type Period, periodOf, type Reservation } from './book.ts';
import type { Budget } from './budgets.ts';
import { type Limit, limitsOf, measure, type Unit } from './limit.ts';

/** One limit of a budget in the period that goes on. Quantities are in the limit's unit. */
export interface Account extends Limit {
  readonly budget: Budget;
  readonly period: Period;
  readonly used: bigint;
  /** What runs that go on may use beyond what they have used. */
  readonly reserved: bigint;
  /** Those runs. */
  readonly reservedBy: readonly string[];
  /** Device time that has no price in the limit's currency and counts for nothing; GPU-milliseconds. */
  readonly unpriced: number;
}

/** How each limit in force stands. */
export function accountsOf(book: BudgetBook, priceOf: PriceOf, now: number): readonly Account[] {
  return book.budgets.flatMap((budget) => {
    const period = periodOf(budget, now);
    if (period === null) return [];
    const uses = book.uses.filter((use) => use.day >= period.since && covers(budget, use));
    const open = stillReserved(
      book.reservations.filter((reservation) => covers(budget, reservation)),
      book.uses,
    );
    return limitsOf(budget).map((limit): Account => {
      const used = total(limit.unit, uses, priceOf);
      const reserved = total(limit.unit, pricedOn(open, now), priceOf);
      const reservedBy = open.map(({ run }) => run);
      return {
        ...limit,
        budget,
        period,
        used: used.sum,
        reserved: reserved.sum,
        reservedBy,
        unpriced: used.unpriced,
      };
    });
  });
}

/** What is left of each reservation when all that its run has held, in whichever period, is taken off. */
function stillReserved(
  reservations: readonly Reservation[],
  uses: readonly DayUse[],
): readonly Reservation[] {
  const used = new Map<string, number>();
  for (const { run, gpuMilliseconds } of uses) used.set(run, (used.get(run) ?? 0) + gpuMilliseconds);
  return reservations.flatMap((reservation) => {
    const gpuMilliseconds = reservation.gpuMilliseconds - (used.get(reservation.run) ?? 0);
    return gpuMilliseconds > 0 ? [{ ...reservation, gpuMilliseconds }] : [];
  });
}

/** What is still to be held is priced as if it were held today. */
const pricedOn = (reservations: readonly Reservation[], now: number): readonly DayUse[] =>
  reservations.map((reservation) => ({ ...reservation, day: dayOf(now) }));

interface Total {
  readonly sum: bigint;
  readonly unpriced: number;
}

/** Device time in a limit's unit. */
export function total(
  unit: Unit,
  uses: readonly Pick<
    DayUse,
    'deviceModel' | 'capacity' | 'region' | 'day' | 'listedPrice' | 'gpuMilliseconds'
  >[],
  priceOf: PriceOf,
): Total {
  let sum = 0n;
  let unpriced = 0;
  for (const use of uses) {
    const quantity = measure(unit, use.gpuMilliseconds, priceOf(use));
    if (quantity === null) unpriced += use.gpuMilliseconds;
    else sum += quantity;
  }
  return { sum, unpriced };
}
