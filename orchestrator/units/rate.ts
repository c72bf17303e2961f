import { z } from 'zod';

/**
 * What something does in a second, in a unit of people's choice. Far wider than any machine, and narrow enough that whatever
 * is divided by it or multiplied stays a number.
 */
export const Rate = z.number().min(1e-6).max(1e12);
