import type { BudgetReached, BudgetStanding, BudgetWarning } from '../run/budget-standing.ts';
import { type Account, accountsOf, total } from './account.ts';
import { type BudgetBook, covers, type PriceOf, type Use } from './book.ts';
import { ownerText } from './judge.ts';
import { type Limit, type Limits, limitsOf, ofLimitText, quantityText } from './limit.ts';

/** A run, and what it has held itself. */
export interface BudgetedRun extends Pick<Use, 'run' | 'team' | 'project'> {
  /** Its own budget. */
  readonly own: Limits | undefined;
  readonly uses: readonly Use[];
}

/** Per cent of a limit. */
const WARN_AT = 80n;

export const isWarned = ({ limit }: Limit, used: bigint): boolean => used * 100n >= limit * WARN_AT;

/** How a run's own budget stands, and those of its team and its project: by what is used, whoever used it. */
export function standingOf(
  run: BudgetedRun,
  book: BudgetBook,
  priceOf: PriceOf,
  now: number,
): BudgetStanding {
  const own = limitsOf(run.own ?? {}).map((limit) =>
    ownLine(run.run, limit, total(limit.unit, run.uses, priceOf).sum),
  );
  const shared = accountsOf(book, priceOf, now)
    .filter(({ budget }) => covers(budget, run))
    .map((account) => sharedLine(run.run, account));
  const lines = [...own, ...shared];
  return {
    reached: lines.find(({ used, limit }) => used >= limit.limit)?.reached ?? null,
    warnings: lines.filter(({ used, limit }) => isWarned(limit, used)).map(({ warning }) => warning),
  };
}

interface Line {
  readonly limit: Limit;
  readonly used: bigint;
  readonly reached: BudgetReached;
  readonly warning: BudgetWarning;
}

function ownLine(run: string, limit: Limit, used: bigint): Line {
  const option = limit.unit.kind === 'time' ? '--budget-gpu-hours' : '--budget-cost';
  const todo = `go on with a larger one: stint runs resume ${run} ${option} N`;
  return line(limit, used, { budget: 'own', name: "the run's own budget", todo });
}

function sharedLine(run: string, { unit, limit, used, budget, period }: Account): Line {
  const todo = `raise it with stint budgets apply, then stint runs resume ${run}`;
  const name = `budget ${budget.name} of ${ownerText(budget)} ${period.text}`;
  return line({ unit, limit }, used, { budget: budget.name, name, todo });
}

function line(
  limit: Limit,
  used: bigint,
  { budget, name, todo }: { readonly budget: string; readonly name: string; readonly todo: string },
): Line {
  return {
    limit,
    used,
    reached: { budget, what: `${name} is reached: ${ofLimitText(limit, used)}`, todo },
    warning: {
      budget: name,
      used: quantityText(limit.unit, used),
      limit: quantityText(limit.unit, limit.limit),
    },
  };
}
