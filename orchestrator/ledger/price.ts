import { HOUR_MILLISECONDS } from '../units/hour.ts';
import type { Money } from '../units/money.ts';
import { MONEY_DECIMALS as DECIMALS } from '../units/money-decimals.ts';
import { nearestWhole } from '../units/nearest-whole.ts';

/** What an hour of one device costs, exactly: a whole number of billionths of the currency's unit. */
export interface Price {
  readonly currency: string;
  readonly billionthsPerDeviceHour: bigint;
}

/**
 * Money, exactly: billionths of the currency's unit × milliseconds of an hour. Amounts of one currency add up as they
 * are; only `roundAmounts` rounds.
 */
export type Amount = bigint;

const BILLIONTHS = 10n ** BigInt(DECIMALS);
const AMOUNT_PER_UNIT = BILLIONTHS * BigInt(HOUR_MILLISECONDS);

/**
 * The price as it is written: 2.1 means 2.1, not the binary fraction next to it. Of more than nine places the nearest
 * billionth holds, halves to the even one.
 *
 * @throws RangeError for what is no price; whoever reads prices from people refuses it with its place (`PricePerDeviceHour`).
 */
export function makePrice(currency: string, perDeviceHour: number | string): Price {
  const billionthsPerDeviceHour = nearestWhole(perDeviceHour, BILLIONTHS);
  if (billionthsPerDeviceHour === null) throw new RangeError(`"${perDeviceHour}" is no price`);
  return { currency, billionthsPerDeviceHour };
}

/** Money as somebody has written it, exactly. @throws RangeError for a negative amount. */
export function amountOfMoney({ amount }: Money): Amount {
  const exact = nearestWhole(amount, AMOUNT_PER_UNIT);
  if (exact === null) throw new RangeError(`"${amount}" is no amount of money`);
  return exact;
}

/** Per device-hour, with all places that a price can have. */
export const priceText = ({ billionthsPerDeviceHour }: Price): string =>
  decimalText(billionthsPerDeviceHour, DECIMALS);

export const amountOf = (gpuMilliseconds: number, price: Price): Amount =>
  BigInt(gpuMilliseconds) * price.billionthsPerDeviceHour;

/** Device time as an amount of device-hours: these are to milliseconds what a currency's unit is to its amounts. */
export const asHours = (gpuMilliseconds: number): Amount => BigInt(gpuMilliseconds) * BILLIONTHS;

/** In the currency's unit, as near as a number can be: for charts and ratios, not for adding up. */
export const unitsOf = (amount: Amount): number => Number((amount * 1_000_000_000n) / AMOUNT_PER_UNIT) / 1e9;

/**
 * Amounts as decimal text that adds up: the sum of the rounded rows is the rounded sum. Rows are rounded down, and what
 * is missing goes to those with the largest remainders, the first of equals, so that none is off by a whole last digit.
 */
export function roundAmounts(amounts: readonly Amount[], decimals: number): readonly string[] {
  const scale = 10n ** BigInt(decimals);
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const scaled = amounts.map((amount) => amount * scale);
  const rounded = scaled.map((amount) => amount / AMOUNT_PER_UNIT);
  const target = (2n * total * scale + AMOUNT_PER_UNIT) / (2n * AMOUNT_PER_UNIT);
  const missing = Number(target - rounded.reduce((sum, amount) => sum + amount, 0n));
  const remainders = scaled.map((amount, index) => ({ index, remainder: amount % AMOUNT_PER_UNIT }));
  const largest = remainders.toSorted((a, b) => Number(b.remainder - a.remainder));
  for (const { index } of largest.slice(0, missing)) rounded[index] = (rounded[index] ?? 0n) + 1n;
  return rounded.map((amount) => decimalText(amount, decimals));
}

/** Decimals that show three figures of an amount, from 2 (cents) to 6: minutes on a laptop cost less than a cent. */
export function decimalsFor(amount: Amount): number {
  for (let decimals = 2; decimals < 6; decimals += 1)
    if (amount * 10n ** BigInt(decimals) >= 100n * AMOUNT_PER_UNIT) return decimals;
  return amount === 0n ? 2 : 6;
}

function decimalText(scaled: bigint, decimals: number): string {
  const digits = scaled.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
