import { setTimeout as pause } from 'node:timers/promises';

/** Time as the controller knows it. Tests give a clock that nobody waits for. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends after `milliseconds`, or as soon as the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `act` once in every `milliseconds`, until the function that it gives is called. */
  readonly every: (milliseconds: number, act: () => void) => () => void;
}

export const realClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) =>
    pause(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined),
  every: (milliseconds, act) => {
    const timer = setInterval(act, milliseconds);
    return () => clearInterval(timer);
  },
};
