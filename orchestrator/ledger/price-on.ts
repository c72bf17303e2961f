import type { CapacityType } from '../profile/capacity.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { makePrice, type Price, priceText } from './price.ts';
import type { PriceBook, PriceEntry } from './price-book.ts';
import { dayText } from './usage-day.ts';

/** All that the price of device time depends on. */
export interface Priced {
  readonly deviceModel: string;
  readonly capacity: CapacityType;
  readonly region: string | null;
  /** Days since 1970-01-01 in UTC. */
  readonly day: number;
  /** Of the profile that the run was launched with; null where the run is not known here. */
  readonly listedPrice: ClusterProfile['price'] | null;
}

/** A price and where it comes from. */
export interface SourcedPrice extends Price {
  /** As decimal text, of nine places. */
  readonly perDeviceHour: string;
  readonly source: string;
}

/**
 * The price of device time: what the book says of that day; for a device model that the book does not name at all, what
 * the run's own profile lists. Null where neither says anything: a gap in the book is not filled from elsewhere, as a
 * bill of two sources would be.
 */
export function priceOn(book: PriceBook | null, time: Priced): SourcedPrice | null {
  const named = book?.prices.filter(({ deviceModel }) => deviceModel === time.deviceModel) ?? [];
  if (named.length === 0) return time.listedPrice && sourced(time.listedPrice);
  const day = dayText(time.day);
  const inForce = named.filter(
    ({ capacity, from = '', until = '9999-12-31' }) =>
      capacity === time.capacity && from <= day && day <= until,
  );
  const entry =
    inForce.find(({ region }) => region !== undefined && region === time.region) ??
    inForce.find(({ region }) => region === undefined);
  return entry === undefined ? null : sourced(entry);
}

function sourced({
  currency,
  perDeviceHour,
  source,
}: Pick<PriceEntry, 'currency' | 'perDeviceHour' | 'source'>): SourcedPrice {
  const price = makePrice(currency, perDeviceHour);
  return { ...price, perDeviceHour: priceText(price), source };
}
