import type { Price } from '../ledger/price.ts';
import { dayOf } from '../ledger/usage-day.ts';
import type { RunRecord } from '../store/port.ts';
import type { Workplace } from './workplace.ts';

/** What a device-hour of the run costs today; null where no price is known. */
export function priceOfRun(
  { priceOf, now }: Pick<Workplace, 'priceOf' | 'now'>,
  { profile }: Pick<RunRecord, 'profile'>,
): Price | null {
  const { type, region = null } = profile.capacity ?? { type: 'on-demand' };
  return priceOf({
    deviceModel: profile.device.model,
    capacity: type,
    region,
    day: dayOf(now()),
    listedPrice: profile.price ?? null,
  });
}
