import { z } from 'zod';
import { type CapacityType, CapacityTypeSchema } from '../profile/capacity.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { Currency } from '../units/currency.ts';
import { PricePerDeviceHour } from '../units/device-price.ts';
import { makePrice, type Price, priceText } from './price.ts';
import { dayText } from './usage-day.ts';

const PriceEntrySchema = z
  .strictObject({
    /** As cluster profiles name it, for example `H100-SXM5-80GB`. */
    deviceModel: z.string().min(1),
    capacity: CapacityTypeSchema,
    /** Absent: wherever no entry names the region. */
    region: z.string().min(1).optional(),
    currency: Currency,
    perDeviceHour: PricePerDeviceHour,
    /** First and last day, in UTC, on which it holds: 2026-11-01. Absent: always before, or after. */
    from: z.iso.date().optional(),
    until: z.iso.date().optional(),
    /** Where the price comes from, so that a bill can be explained. */
    source: z.string().min(1),
  })
  .refine(({ from = '', until = '9999-12-31' }) => from <= until, {
    path: ['until'],
    message: 'expected a day that is not before `from`',
  });
export type PriceEntry = z.infer<typeof PriceEntrySchema>;

/** Prices of device time, by model and terms, with the days on which each holds. */
export const PriceBookSchema = z.strictObject({
  kind: z.literal('PriceBook'),
  prices: z.array(PriceEntrySchema),
});
export type PriceBook = z.infer<typeof PriceBookSchema>;

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

/** Pairs of entries that say different things of one day; their places in the book, from 0. */
export function overlaps({ prices }: PriceBook): readonly (readonly [number, number])[] {
  return prices.flatMap((entry, index) =>
    prices.slice(index + 1).flatMap((other, after) => {
      const same =
        entry.deviceModel === other.deviceModel &&
        entry.capacity === other.capacity &&
        entry.region === other.region;
      const begins = [entry.from ?? '', other.from ?? ''].toSorted()[1] ?? '';
      const ends = [entry.until ?? '9999-12-31', other.until ?? '9999-12-31'].toSorted()[0] ?? '';
      return same && begins <= ends ? [[index, index + 1 + after] as const] : [];
    }),
  );
}
