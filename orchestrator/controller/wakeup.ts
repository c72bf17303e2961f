import type { Clock } from './clock.ts';

export interface Wakeup {
  /** Something changed: the waiting loop should look again. Calls while nobody waits are not lost. */
  readonly wake: () => void;
  /** As `wake`, but only when this time has come. */
  readonly wakeAt: (at: number) => void;
  /** The loop is about to look: what has woken it until now is seen by that, and does not wake it again. */
  readonly looking: () => void;
  /** Ends at the next wake, or when it is due, which is asked for again each time that this time has come. */
  readonly wait: (due: () => number) => Promise<void>;
}

export function makeWakeup({ now, sleep }: Pick<Clock, 'now' | 'sleep'>): Wakeup {
  let pending = false;
  let wanted = Number.POSITIVE_INFINITY;
  let waiting: AbortController | null = null;
  function looking(): void {
    pending = false;
    wanted = Number.POSITIVE_INFINITY;
  }
  return {
    wake: () => {
      pending = true;
      waiting?.abort();
    },
    wakeAt: (at) => {
      wanted = Math.min(wanted, at);
      waiting?.abort();
    },
    looking,
    wait: async (due) => {
      for (;;) {
        // Clocks count whole milliseconds; sooner than it is due there is nothing to see.
        const left = Math.ceil(Math.min(due(), wanted) - now());
        if (pending || left <= 0) break;
        waiting = new AbortController();
        await sleep(Math.min(left, LONGEST_TIMER_MILLISECONDS), waiting.signal);
        waiting = null;
      }
      looking();
    },
  };
}

/** A timer of Node.js holds 31 bits. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;
