import { z } from 'zod';
import { formatInteger } from './format.ts';
import { MONEY_DECIMALS } from './money-decimals.ts';
import { nearestWhole } from './nearest-whole.ts';

const MOST = 1e9;
const EXPECTED = `expected a price per device-hour, 0 or at least ${(10 ** -MONEY_DECIMALS).toFixed(MONEY_DECIMALS)} and at most ${formatInteger(MOST)}, for example 2.69`;

/**
 * What an hour of one device costs, as a number or as decimal text. It is read as the nearest billionth, halves to the
 * even one: a month's price divided by its hours has more digits than any bill, and is used alike in plans, budgets and
 * statements.
 */
export const PricePerDeviceHour = z
  .union([z.number(EXPECTED), z.string(EXPECTED)], EXPECTED)
  .transform((written, context) => {
    const billionths = nearestWhole(written, 10n ** BigInt(MONEY_DECIMALS));
    const price = Number(billionths) / 10 ** MONEY_DECIMALS;
    const isNothing = billionths === 0n && Number(written) !== 0;
    if (billionths !== null && price <= MOST && !isNothing) return price;
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  });
