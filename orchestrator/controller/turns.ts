import type { Cluster } from '../ports/cluster.ts';

/** Lets runs of a cluster that queues begin at once, and those of any other one after another, in the order in which they come. */
export class Turns {
  /** Of each cluster the run that came last; it never rejects. */
  readonly #last = new Map<Cluster, Promise<unknown>>();

  take<T>(cluster: Cluster, act: () => Promise<T>): Promise<T> {
    if (cluster.queues) return act();
    const done = (this.#last.get(cluster) ?? Promise.resolve()).then(act);
    this.#last.set(
      cluster,
      done.catch(() => undefined),
    );
    return done;
  }
}
