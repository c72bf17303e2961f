import type { Reservation } from '../budget/book.ts';
import { judge } from '../budget/judge.ts';
import { ceilingOf } from '../budget/reservation.ts';
import { isStintError } from '../errors/stint-error.ts';
import { pricingOf } from '../ledger/pricing.ts';
import type { Plan } from '../plan/plan.ts';
import type { Admission } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import { priceOfRun } from './price-of-run.ts';
import { refreshUsage } from './refresh-usage.ts';
import { heldSoFar } from './retry-limits.ts';
import { watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/**
 * Records that runs go on, with what they may hold at most, where every budget that covers them has room for all of them.
 *
 * @throws StintError `over-budget` or `budget-without-price`; nothing is recorded then.
 */
export async function admitRuns(
  workplace: Pick<Workplace, 'store' | 'now' | 'isAlive' | 'priceOf'>,
  admission: Omit<Admission, 'reserve'>,
  reservations: readonly Reservation[],
): Promise<void> {
  // A run that has ended counts with all that it had reserved until its usage is summed up.
  if ((await workplace.store.budgets.list()).length > 0) await refreshUsage(workplace);
  await workplace.store.budgets.admit({ ...admission, reserve: reservations }, (book) =>
    judge(book, reservations, workplace.priceOf, admission.at),
  );
}

/**
 * Reserves for a plan that was made again, before any device is held for it. Gives what speaks against it where it takes
 * more than the plan before and a budget has no room for that; what was reserved then stays.
 */
export async function reserveAnew(
  workplace: Pick<Workplace, 'store' | 'now' | 'isAlive' | 'priceOf'>,
  record: RunRecord,
  plan: Plan,
): Promise<string | null> {
  const held = await heldSoFar(workplace, watching(workplace.now()), record.id);
  const most = (of: Plan) =>
    ceilingOf(of, record.recipe.budget, priceOfRun(workplace, record), { held, steps: 0 });
  const reservation = reservationFor(record, most(plan));
  const admission = { create: [], resume: [], at: workplace.now() };
  if (most(plan) <= most(record.plan)) {
    await workplace.store.budgets.admit({ ...admission, reserve: [reservation] }, () => []);
    return null;
  }
  try {
    await admitRuns(workplace, admission, [reservation]);
    return null;
  } catch (error) {
    if (!isStintError(error) || error.kind !== 'refused') throw error;
    return error.problems.map(({ what, todo }) => `${what}; ${todo}`).join('; ');
  }
}

/** @param gpuMilliseconds - What the run may hold in all. */
export function reservationFor(
  { id, recipe, profile }: Pick<RunRecord, 'id' | 'recipe' | 'profile'>,
  gpuMilliseconds: number,
): Reservation {
  return {
    run: id,
    team: recipe.team ?? null,
    project: recipe.project ?? null,
    gpuMilliseconds,
    ...pricingOf(profile),
  };
}
