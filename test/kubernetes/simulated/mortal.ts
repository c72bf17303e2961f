import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import type { Cluster } from '../../../orchestrator/ports/cluster.ts';

/** A controller that does so many actions and no more, as if it were killed by SIGKILL then. */
export interface Mortal {
  readonly workplace: Workplace;
  /** It is dead from then on. */
  readonly died: Promise<void>;
  /** How many it has done or begun. */
  readonly actions: () => number;
}

/** `before`: the last action is not done any more. */
export type Moment = 'before' | 'after';

const never = new Promise<never>(() => undefined);

/**
 * An action is whatever changes what another process could see: an event or a fact written to the store, an order to the
 * cluster. A dead controller waits for ever at its next step, also where it would only look.
 */
export function mortal(workplace: Workplace, last: number, moment: Moment): Mortal {
  const { store } = workplace;
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  const death = new AbortController();
  let actions = 0;

  async function act<T>(action: () => Promise<T>): Promise<T> {
    if (death.signal.aborted || actions >= last) return never;
    actions += 1;
    if (actions < last) return action();
    if (moment === 'after') await action();
    death.abort();
    die();
    return never;
  }
  const look = async <T>(read: () => Promise<T>): Promise<T> => {
    const found = death.signal.aborted ? never : await read();
    return death.signal.aborted ? never : found;
  };

  const around = (cluster: Cluster): Cluster => ({
    ...cluster,
    apply: (manifests, options) => act(() => cluster.apply(manifests, options)),
    stop: (job, options) => act(() => cluster.stop(job, options)),
    release: (settled, options) => act(() => cluster.release(settled, options)),
    clear: (run, options) => act(() => cluster.clear(run, options)),
    watch: async function* (run, { signal }) {
      const until = AbortSignal.any([signal, death.signal]);
      for await (const seen of cluster.watch(run, { signal: until })) yield seen;
      if (death.signal.aborted) await never;
    },
  });
  return {
    died,
    actions: () => actions,
    workplace: {
      ...workplace,
      clusterFor: async (profile) => around(await workplace.clusterFor(profile)),
      store: {
        ...store,
        runs: {
          ...store.runs,
          append: (run, after, at, events) => act(() => store.runs.append(run, after, at, events)),
          events: (run, after) => look(() => store.runs.events(run, after)),
        },
        ledger: {
          ...store.ledger,
          record: (facts) =>
            facts.length === 0 ? look(async () => undefined) : act(() => store.ledger.record(facts)),
          facts: (runs) => look(() => store.ledger.facts(runs)),
        },
        leases: { ...store.leases, beat: (...as) => look(() => store.leases.beat(...as)) },
      },
    },
  };
}
