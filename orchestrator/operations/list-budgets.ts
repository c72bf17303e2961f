import { type Account, accountsOf } from '../budget/account.ts';
import { type BudgetBook, covers, periodOf } from '../budget/book.ts';
import { numberOf, overrunOf, unitName } from '../budget/limit.ts';
import { isWarned } from '../budget/standing.ts';
import type { BudgetAccount } from '../contract/budgets.ts';
import type { Answer } from '../contract/routes.ts';
import { lookAtUnattended } from '../controller/look-at-unattended.ts';
import { refreshUsage } from '../controller/refresh-usage.ts';
import { bookAsSeen } from '../controller/uses-as-seen.ts';
import { dayOf, dayText } from '../ledger/usage-day.ts';
import type { Store } from '../ports/store.ts';
import type { Desk } from './desk.ts';

/** Each limit in the period that goes on, what is used and reserved of it, and how it stands; of the caller's team, where it has one. */
export async function listBudgets({ workplace, caller }: Desk): Promise<Answer<'listBudgets'>> {
  const { store, now } = workplace;
  await refreshUsage(workplace);
  const sight = await lookAtUnattended(workplace);
  const at = now();
  const all = await bookAsSeen(workplace, sight, await store.budgets.book(at));
  const budgets = all.budgets.filter(({ team }) => caller.team === null || team === caller.team);
  const book = { ...all, budgets };
  const accounts = await Promise.all(
    accountsOf(book, workplace.priceOf, at).map(async (account) => {
      const stopped = account.used > account.limit ? await stoppedFor(store, account, book) : [];
      return answerOf(account, stopped);
    }),
  );
  return {
    budgets: accounts,
    coming: book.budgets.filter((budget) => periodOf(budget, at) === null),
    unseen: caller.team === null ? [...sight.unseen] : [],
  };
}

/** Runs that the budget has stopped in this period: what they held while they saved is the overrun. */
async function stoppedFor(
  store: Store,
  { budget, period }: Account,
  { uses }: BudgetBook,
): Promise<string[]> {
  const runs = uses.filter((use) => covers(budget, use) && use.day >= period.since).map(({ run }) => run);
  const stopped: string[] = [];
  for (const run of new Set(runs)) {
    const events = await store.runs.events(run);
    const asked = events.findLast(
      ({ event }) =>
        event.type === 'stop-requested' && event.why === 'budget' && event.budget.budget === budget.name,
    );
    if (asked && dayOf(asked.at) >= period.since) stopped.push(run);
  }
  return stopped.toSorted();
}

function leftOf({ limit, used, reserved }: Account): bigint {
  const left = limit - used - reserved;
  return left > 0n ? left : 0n;
}

function stateOf(account: Account): BudgetAccount['state'] {
  if (account.used > account.limit) return 'overrun';
  if (account.used === account.limit) return 'reached';
  return isWarned(account, account.used) ? 'over 80%' : 'ok';
}

function answerOf(account: Account, stopped: string[]): BudgetAccount {
  const { budget, period, unit, limit, used, reserved, reservedBy, unpriced } = account;
  const figure = (quantity: bigint) => numberOf(unit, quantity);
  return {
    name: budget.name,
    team: budget.team ?? null,
    project: budget.project ?? null,
    period: period.name,
    since: dayText(period.since),
    unit: unitName(unit),
    limit: figure(limit),
    used: figure(used),
    reserved: figure(reserved),
    reservedBy: [...reservedBy],
    left: figure(leftOf(account)),
    // Of what is used.
    share: Number(used) / Number(limit),
    state: stateOf(account),
    stopped,
    overrun: figure(overrunOf(account)),
    unpricedGpuMilliseconds: unpriced,
  };
}
