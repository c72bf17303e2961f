import { z } from 'zod';
import { Currency } from './currency.ts';
import { formatInteger } from './format.ts';
import { MONEY_DECIMALS } from './money-decimals.ts';
import { writtenNumber } from './written-number.ts';

const LEAST = 1e-9;
const MOST = 1e15;
const EXPECTED = `expected an amount above zero, at least ${LEAST.toFixed(MONEY_DECIMALS)} and at most ${formatInteger(MOST)}`;

/** More than nothing, in units of a currency. */
export const MoneyAmount = writtenNumber(EXPECTED).pipe(
  z.number(EXPECTED).min(LEAST, EXPECTED).max(MOST, EXPECTED),
);

export const MoneySchema = z.strictObject({ amount: MoneyAmount, currency: Currency });
export type Money = z.infer<typeof MoneySchema>;
