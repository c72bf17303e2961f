import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Between two tries, even when all is well: a server that closes at once must not be asked in a circle. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** Twice as long after each failure in a row, and up to half less by chance, so that many clients do not come at once. */
export function delayAfter(failures: number, retryAfterMs: number, { shortestMs, longestMs }: Pace): number {
  const full = Math.min(longestMs, shortestMs * 2 ** Math.min(failures, 30));
  return Math.max(shortestMs, retryAfterMs, full * (1 - Math.random() / 2));
}

/** Ends early, and without an error, on abort. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
