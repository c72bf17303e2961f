import { loadPriceBook } from '../documents/load-price-book.ts';
import { loadProfile } from '../documents/load-profile.ts';
import { StintError } from '../errors/stint-error.ts';
import { priceOn } from '../ledger/price-on.ts';
import { pricingOf } from '../ledger/pricing.ts';
import { dayOf, dayText } from '../ledger/usage-day.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';

/**
 * A cluster profile with today's price: the home's price book goes before what the profile lists.
 *
 * @throws StintError `no-price` where the book names the device and has no price for it today.
 */
export const pricedProfile = async (cluster: string, home: string, now: number): Promise<ClusterProfile> =>
  priced(await loadProfile(cluster, home), home, now);

/** A profile with today's price. @throws StintError as `pricedProfile` does. */
export async function priced(profile: ClusterProfile, home: string, now: number): Promise<ClusterProfile> {
  const book = await loadPriceBook(undefined, home);
  if (book === null) return profile;
  const pricing = { ...pricingOf(profile), day: dayOf(now) };
  const found = priceOn(book, pricing);
  if (found !== null)
    return {
      ...profile,
      price: { currency: found.currency, perDeviceHour: Number(found.perDeviceHour), source: found.source },
    };
  const { deviceModel, capacity, region, day } = pricing;
  throw new StintError({
    code: 'no-price',
    where: `${home}/prices.yaml`,
    what: `the price book names ${deviceModel} and has no price for ${capacity}${region === null ? '' : ` in ${region}`} on ${dayText(day)}`,
    why: 'a plan says what it will cost, and a missing price is not a price of zero',
    todo: 'add the price that holds today, or take the model out of the book: then what the profile lists holds',
  });
}
