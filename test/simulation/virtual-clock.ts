import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../orchestrator/controller/clock.ts';

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

/**
 * Time that passes when nothing else is left to do: it goes on to the next timer once every promise that could go on has,
 * and every file that is being read has been.
 */
export class VirtualClock implements Clock {
  /** The latest first. Of equal times the one that was set first is due first. */
  readonly #timers: Timer[] = [];
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;

  /** Gives a function that takes it back. */
  after(milliseconds: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds), act };
    const later = this.#timers.findLastIndex(({ at }) => at > timer.at);
    this.#timers.splice(later + 1, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      take();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const take = this.after(milliseconds, wake);
    signal?.addEventListener('abort', wake);
    return promise;
  };

  every = (milliseconds: number, act: () => void): (() => void) => {
    const again = () => {
      take = this.after(milliseconds, again);
      act();
    };
    let take = this.after(milliseconds, again);
    return () => take();
  };

  /**
   * Lets time pass until something is so.
   *
   * @throws Error when it has not become so within the time given, or when there is nothing left that could happen.
   */
  async passUntil(isSo: () => boolean, within: number): Promise<void> {
    const end = this.#now + within;
    for (;;) {
      await settled();
      if (isSo()) return;
      const next = this.#timers.pop();
      if (next === undefined) throw new Error('everything waits, and nothing will ever happen');
      if (next.at > end) throw new Error(`it has not come to rest within ${within / 1_000} s`);
      this.#now = next.at;
      next.act();
    }
  }
}

/** Promises run to their ends within a turn of the event loop; files take as many as they take. */
async function settled(): Promise<void> {
  do await turn();
  while (process.getActiveResourcesInfo().some((name) => /^(FS|CloseReq)/.test(name)));
}
