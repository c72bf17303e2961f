import type { Priced } from '../budget/book.ts';
import { makePrice, type Price } from '../ledger/price.ts';
import type { RunRecord } from '../store/port.ts';

/** What the profile says that a run was launched with. */
export const listedPrice = ({ listedPrice: price }: Pick<Priced, 'listedPrice'>): Price | null =>
  price && makePrice(price.currency, price.perDeviceHour);

export const priceOfRun = ({ profile }: Pick<RunRecord, 'profile'>): Price | null =>
  listedPrice({ listedPrice: profile.price ?? null });
