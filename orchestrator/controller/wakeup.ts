import type { Clock } from './clock.ts';

export interface Wakeup {
  /** Something changed: the waiting loop should look again. Calls while nobody waits are not lost. */
  readonly wake: () => void;
  /** Ends at the next wake, or after `milliseconds`. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export function makeWakeup({ sleep }: Pick<Clock, 'sleep'>): Wakeup {
  let pending = false;
  let waiting: AbortController | null = null;
  return {
    wake: () => {
      pending = true;
      waiting?.abort();
    },
    wait: async (milliseconds) => {
      if (!pending) {
        waiting = new AbortController();
        await sleep(milliseconds, waiting.signal);
        waiting = null;
      }
      pending = false;
    },
  };
}
