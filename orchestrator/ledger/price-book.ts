import { z } from 'zod';
import { CapacityTypeSchema } from '../profile/capacity.ts';
import { Currency } from '../units/currency.ts';
import { PricePerDeviceHour } from '../units/device-price.ts';

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

const LAST_DAY = '9999-12-31';

/** Pairs of entries that say different things of one day; their places in the book, from 0. */
export function overlaps({ prices }: PriceBook): readonly (readonly [number, number])[] {
  return prices.flatMap((entry, index) =>
    prices.slice(index + 1).flatMap((other, after) => {
      const same =
        entry.deviceModel === other.deviceModel &&
        entry.capacity === other.capacity &&
        entry.region === other.region;
      const meet =
        (entry.from ?? '') <= (other.until ?? LAST_DAY) && (other.from ?? '') <= (entry.until ?? LAST_DAY);
      return same && meet ? [[index, index + 1 + after] as const] : [];
    }),
  );
}
