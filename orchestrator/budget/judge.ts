import type { Problem } from '../errors/stint-error.ts';
import type { PriceOf } from '../ledger/cost-rows.ts';
import { dayOf } from '../ledger/usage-day.ts';
import { type Account, accountsOf } from './account.ts';
import { type BudgetBook, covers, type Reservation } from './book.ts';
import { figureText, measure, quantityText } from './limit.ts';

/**
 * What speaks against more runs going on, all of them at once; nothing where they fit into every budget that covers them.
 *
 * @param wanted - What each may hold in all. It takes the place of what the run has reserved by now.
 */
export function judge(
  book: BudgetBook,
  wanted: readonly Reservation[],
  priceOf: PriceOf,
  now: number,
): readonly Problem[] {
  const others = book.reservations.filter(({ run }) => !wanted.some((each) => each.run === run));
  const before = accountsOf({ ...book, reservations: others }, priceOf, now);
  const after = accountsOf({ ...book, reservations: [...others, ...wanted] }, priceOf, now);
  return before.flatMap((account, index): readonly Problem[] => {
    const own = wanted.filter((each) => covers(account.budget, each));
    if (own.length === 0) return [];
    const unpriced = own.find(
      (each) => measure(account.unit, 0, priceOf({ ...each, day: dayOf(now) })) === null,
    );
    if (unpriced) return [noPrice(account, unpriced, priceOf, now)];
    const needed = (after[index]?.reserved ?? 0n) - account.reserved;
    if (needed === 0n) return [];
    const excess = account.used + account.reserved + needed - account.limit;
    return excess > 0n ? [tooMuch(account, needed, excess)] : [];
  });
}

function tooMuch(account: Account, needed: bigint, excess: bigint): Problem {
  const { unit, limit, used, reserved, reservedBy, budget, period } = account;
  const figure = (quantity: bigint) => figureText(unit, quantity);
  const waiting = reservedBy.length === 0 ? '' : `wait for ${some(reservedBy)}, `;
  const runs = `${reservedBy.length} ${reservedBy.length === 1 ? 'run' : 'runs'}`;
  const open = reservedBy.length === 0 ? 'none reserved' : `${figure(reserved)} reserved by ${runs}`;
  return {
    code: 'over-budget',
    where: `budget ${budget.name}`,
    what: `${ownerText(budget)} has ${quantityText(unit, limit)} ${period.text}: ${figure(used)} used, ${open}, and this needs ${figure(needed)} at most: ${figure(excess)} too many`,
    why: 'what a plan may take at most is reserved before it starts, so that runs together cannot spend more than there is',
    todo: `raise the budget with \`stint budgets apply\`, ${waiting}or train on fewer tokens. Nothing was started`,
  };
}

function noPrice(account: Account, wanted: Reservation, priceOf: PriceOf, now: number): Problem {
  const { budget, unit } = account;
  const currency = unit.kind === 'money' ? unit.currency : '';
  const price = priceOf({ ...wanted, day: dayOf(now) });
  const found = price === null ? 'no price is known' : `the price is in ${price.currency}`;
  return {
    code: 'budget-without-price',
    where: `budget ${budget.name}`,
    what: `${ownerText(budget)} has a budget in ${currency}, and for ${wanted.deviceModel} here ${found}`,
    why: 'what has no price in the currency of a budget cannot be held against it',
    todo: `give the cluster profile a price in ${currency}, or the budget gpuHours. Nothing was started`,
  };
}

/** `team red`, `project s1`. */
export const ownerText = ({ team, project }: Owned): string =>
  team == null ? `project ${project}` : `team ${team}`;

interface Owned {
  readonly team?: string | null | undefined;
  readonly project?: string | null | undefined;
}

const MOST_NAMED = 3;

const some = (runs: readonly string[]): string =>
  runs.length <= MOST_NAMED
    ? runs.join(' or ')
    : `${runs.slice(0, MOST_NAMED).join(', ')} or ${runs.length - MOST_NAMED} others`;
