import type { PriceOf } from '../ledger/cost-rows.ts';
import type { BudgetReached, BudgetStanding, BudgetWarning } from '../run/budget-standing.ts';
import { accountsOf, total } from './account.ts';
import { type BudgetBook, covers, type DayUse } from './book.ts';
import { ownerText } from './judge.ts';
import { type Limit, type Limits, limitsOf, ofLimitText, quantityText } from './limit.ts';

/** A run, and what it has held itself. */
export interface BudgetedRun extends Pick<DayUse, 'run' | 'team' | 'project'> {
  /** Its own budget. */
  readonly own: Limits | undefined;
  readonly uses: readonly DayUse[];
}

/** Per cent of a limit. */
const WARN_AT = 80n;

export const isWarned = ({ limit }: Limit, used: bigint): boolean => used * 100n >= limit * WARN_AT;

/**
 * In how many milliseconds the first of these lines warns or is reached, if each goes on to be used as it was since the look
 * before; 0 for a line that was not there then, of which nobody knows how fast it is used.
 */
export function nextLookIn(
  before: readonly BudgetLine[],
  lines: readonly BudgetLine[],
  since: number,
): number {
  const used = new Map(before.map((line) => [`${line.text} ${line.unit.kind}`, line.used]));
  return Math.min(
    ...lines.map((line) => {
      const then = used.get(`${line.text} ${line.unit.kind}`);
      if (then === undefined || since <= 0) return 0;
      const perMillisecond = Number(line.used - then) / since;
      const next = isWarned(line, line.used) ? line.limit : (line.limit * WARN_AT) / 100n;
      return line.used >= line.limit || perMillisecond <= 0
        ? Number.POSITIVE_INFINITY
        : Math.ceil(Number(next - line.used) / perMillisecond);
    }),
  );
}

/** One limit that a run is held against, and what is used of it, whoever used it. */
export interface BudgetLine extends Limit {
  /** Its budget's name; `own` for the run's own. */
  readonly budget: string;
  /** In a sentence. */
  readonly text: string;
  readonly used: bigint;
  /** Once it is reached. */
  readonly todo: string;
}

/** The run's own budget first, then those of its team and its project. */
export function budgetLines(
  run: BudgetedRun,
  book: BudgetBook,
  priceOf: PriceOf,
  now: number,
): readonly BudgetLine[] {
  const own = limitsOf(run.own ?? {}).map((limit): BudgetLine => {
    const option = limit.unit.kind === 'time' ? '--budget-gpu-hours' : '--budget-cost';
    return {
      ...limit,
      budget: 'own',
      text: "the run's own budget",
      used: total(limit.unit, run.uses, priceOf).sum,
      todo: `go on with a larger one: stint runs resume ${run.run} ${option} N`,
    };
  });
  const shared = accountsOf(book, priceOf, now)
    .filter(({ budget }) => covers(budget, run))
    .map(
      ({ unit, limit, used, budget, period }): BudgetLine => ({
        unit,
        limit,
        used,
        budget: budget.name,
        text: `budget ${budget.name} of ${ownerText(budget)} ${period.text}`,
        todo: `raise it with stint budgets apply, then stint runs resume ${run.run}`,
      }),
    );
  return [...own, ...shared];
}

/** What follows for the run. */
export function standingOf(lines: readonly BudgetLine[]): BudgetStanding {
  const reached = lines.find(({ used, limit }) => used >= limit);
  return {
    reached: reached ? reachedBy(reached) : null,
    warnings: lines.filter((line) => isWarned(line, line.used)).map(warningOf),
  };
}

const reachedBy = (line: BudgetLine): BudgetReached => ({
  budget: line.budget,
  what: `${line.text} is reached: ${ofLimitText(line, line.used)}`,
  todo: line.todo,
});

const warningOf = ({ text, unit, used, limit }: BudgetLine): BudgetWarning => ({
  budget: text,
  used: quantityText(unit, used),
  limit: quantityText(unit, limit),
});
