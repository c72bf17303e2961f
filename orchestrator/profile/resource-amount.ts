import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** Of an amount such as `5120Mi`, or of a plain number. */
function inBaseUnits(amount: number | string): number {
  const [, digits, unit = ''] = /^(\d+)([KMGT]i)$/.exec(String(amount)) ?? [];
  return digits === undefined ? Number(amount) : Number(digits) * (UNITS[unit] ?? 1);
}

/** The API server counts what devices offer in thousandths, in 64 bits. */
export const BinaryQuantity = z
  .string()
  .regex(/^[1-9]\d*[KMGT]i$/, 'expected a whole number, or one with its unit, such as 5120Mi')
  .refine((text) => inBaseUnits(text) <= Number.MAX_SAFE_INTEGER, 'expected less than 8192Ti');

/** Huge pages come whole: the API server refuses a part of one. */
export function isWholePages(resource: string, amount: number | string): boolean {
  const [, page] = /^hugepages-(.+)$/.exec(resource) ?? [];
  return page === undefined || inBaseUnits(amount) % inBaseUnits(page) === 0;
}
