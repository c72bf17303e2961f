export interface Wakeup {
  /** Something changed: the waiting loop should look again. Calls while nobody waits are not lost. */
  readonly wake: () => void;
  /** Ends at the next wake, or after `milliseconds`. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

export function makeWakeup(): Wakeup {
  let pending = false;
  let resume: (() => void) | null = null;
  return {
    wake: () => {
      pending = true;
      resume?.();
    },
    wait: async (milliseconds) => {
      if (!pending) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, milliseconds);
        resume = resolve;
        await promise;
        clearTimeout(timer);
        resume = null;
      }
      pending = false;
    },
  };
}
