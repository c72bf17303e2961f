import { z } from 'zod';

const EXPECTED = 'expected a currency, three capital letters as in ISO 4217, for example USD';

/** A currency as ISO 4217 writes it. Which codes are in use changes from year to year, so only their shape is asked for. */
export const Currency = z.string(EXPECTED).regex(/^[A-Z]{3}$/, EXPECTED);
