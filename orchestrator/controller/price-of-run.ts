import type { Price } from '../ledger/price.ts';
import { pricingOf } from '../ledger/pricing.ts';
import { dayOf } from '../ledger/usage-day.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Workplace } from './workplace.ts';

/** What a device-hour of the run costs today; null where no price is known. */
export function priceOfRun(
  { priceOf, now }: Pick<Workplace, 'priceOf' | 'now'>,
  { profile }: Pick<RunRecord, 'profile'>,
): Price | null {
  return priceOf({ ...pricingOf(profile), day: dayOf(now()) });
}
