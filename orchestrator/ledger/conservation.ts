import { StintError } from '../errors/stint-error.ts';

/**
 * Proves that parts are a whole, GPU-millisecond by GPU-millisecond.
 *
 * @throws StintError `ledger-conservation`, always a defect: no figure of such a ledger may be shown.
 */
export function checkConservation(parts: Iterable<number>, whole: number, where: string): void {
  let sum = 0;
  for (const part of parts) sum += part;
  if (sum === whole && Number.isSafeInteger(whole)) return;
  throw new StintError({
    code: 'ledger-conservation',
    what: `the parts of the held time of ${where} add up to ${sum} GPU-ms, and ${whole} were held`,
    where,
    why: 'phases must partition held time exactly, in whole milliseconds',
    todo: 'report this as a defect; the facts themselves are unharmed',
  });
}
