import type { PriceOf, Reservation } from '../budget/book.ts';
import { judge } from '../budget/judge.ts';
import type { Admission, RunRecord } from '../store/port.ts';
import { listedPrice } from './listed-price.ts';
import { refreshUsage } from './refresh-usage.ts';
import type { Workplace } from './workplace.ts';

/**
 * Records that runs go on, with what they may hold at most, where every budget that covers them has room for all of them.
 *
 * @throws StintError `over-budget` or `budget-without-price`; nothing is recorded then.
 */
export async function admitRuns(
  workplace: Pick<Workplace, 'store' | 'now'>,
  admission: Omit<Admission, 'reserve'>,
  reservations: readonly Reservation[],
  priceOf: PriceOf = listedPrice,
): Promise<void> {
  // A run that has ended counts with all that it had reserved until its usage is summed up.
  await refreshUsage(workplace);
  await workplace.store.budgets.admit({ ...admission, reserve: reservations }, (book) =>
    judge(book, reservations, priceOf, admission.at),
  );
}

/** @param gpuMilliseconds - What the run may hold in all. */
export function reservationFor(
  { id, recipe, profile }: Pick<RunRecord, 'id' | 'recipe' | 'profile'>,
  gpuMilliseconds: number,
): Reservation {
  const { type, region = null } = profile.capacity ?? { type: 'on-demand' };
  return {
    run: id,
    team: recipe.team ?? null,
    project: recipe.project ?? null,
    gpuMilliseconds,
    deviceModel: profile.device.model,
    capacity: type,
    region,
    listedPrice: profile.price ?? null,
  };
}
