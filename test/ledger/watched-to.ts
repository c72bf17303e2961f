import type { Watched } from '../../orchestrator/ledger/pod-life.ts';

/** Somebody watches all runs until now. */
export const watchedTo = (now: number): Watched => ({ now, watchedUntil: () => now });

/** Nobody does. */
export const unwatched = (now: number): Watched => ({ now, watchedUntil: () => Number.NEGATIVE_INFINITY });
