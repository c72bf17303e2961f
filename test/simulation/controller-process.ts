import type { Clock } from '../../orchestrator/controller/clock.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { eachFunction, eachQuery } from './each-function.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** `before`: what it waits for is not done any more; `after`: it is done, and nobody hears the answer. */
export interface Kill {
  /** The number of the await, from 1. */
  readonly at: number;
  readonly moment: 'before' | 'after';
}

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * The life of one controller's process. Whatever it awaits, of the store, of the cluster, of time, is a point at which it can
 * be killed: from then on nothing that it waits for ever comes, and its timers are gone. Of its files it only reads.
 */
export class ControllerProcess {
  readonly died: Promise<'killed'>;
  awaits = 0;
  isDead = false;
  /** Stands still until then, as if its machine slept. */
  stalledUntil = 0;
  readonly #clock: VirtualClock;
  readonly #kill: Kill | undefined;
  readonly #timers = new Set<() => void>();
  readonly #die: () => void;

  constructor(clock: VirtualClock, kill?: Kill) {
    this.#clock = clock;
    this.#kill = kill;
    const { promise, resolve } = Promise.withResolvers<'killed'>();
    this.died = promise;
    this.#die = () => resolve('killed');
  }

  kill = (): void => {
    if (this.isDead) return;
    this.isDead = true;
    for (const stop of this.#timers) stop();
    this.#die();
  };

  /** All of its promises come through here. */
  async wait<T>(act: () => Promise<T>): Promise<T> {
    if (this.isDead) return never();
    this.awaits += 1;
    const isLast = this.awaits === this.#kill?.at;
    if (isLast && this.#kill?.moment === 'before') this.kill();
    await this.#awake();
    if (this.isDead) return never();
    try {
      return await act();
    } finally {
      if (isLast) this.kill();
      await this.#awake();
      // biome-ignore lint/correctness/noUnsafeFinally: a dead process hears of nothing, errors included
      if (this.isDead) await never();
    }
  }

  async #awake(): Promise<void> {
    while (this.stalledUntil > this.#clock.now())
      await this.#clock.sleep(this.stalledUntil - this.#clock.now());
  }

  readonly clock: Clock = {
    now: () => this.#clock.now(),
    sleep: (milliseconds, signal) => this.wait(() => this.#clock.sleep(milliseconds, signal)),
    every: (milliseconds, act) => {
      const stop = this.#clock.every(milliseconds, () => {
        if (this.stalledUntil <= this.#clock.now()) act();
      });
      this.#timers.add(stop);
      if (this.isDead) stop();
      return stop;
    },
  };

  /** The workplace as this process has it. */
  around(workplace: Omit<Workplace, keyof Clock>): Workplace {
    const { store, keptLogs, manifests } = workplace;
    return {
      ...workplace,
      ...this.clock,
      store: eachQuery(store, (act) => this.wait(act)),
      keptLogs: this.#waitingFor({
        ...keptLogs,
        open: async (pod: Parameters<typeof keptLogs.open>[0]) => this.#waitingFor(await keptLogs.open(pod)),
      }),
      manifests: this.#waitingFor(manifests),
      clusterFor: (profile) =>
        this.wait(async () => {
          const cluster = await workplace.clusterFor(profile);
          return {
            ...this.#waitingFor(cluster),
            outlives: cluster.outlives,
            queues: cluster.queues,
            watch: (...args) => this.#stream(cluster.watch(...args)),
            logs: (...args) => this.#stream(cluster.logs(...args)),
          };
        }),
      loadTemplates: () => this.wait(() => workplace.loadTemplates()),
      codeVersion: () => this.wait(() => workplace.codeVersion()),
    };
  }

  async *#stream<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const items = source[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await this.wait(() => items.next());
      if (done) return;
      yield value;
    }
  }

  readonly #waitingFor = <T extends object>(room: T): T => eachFunction(room, (act) => this.wait(act));
}
