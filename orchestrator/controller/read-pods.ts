import type { Cluster } from '../../cluster/port.ts';
import type { PodFacts } from '../run/pod-facts.ts';

/** The pods of a run as they are now. */
export async function readPods(cluster: Cluster, run: string): Promise<readonly PodFacts[]> {
  const stop = new AbortController();
  try {
    for await (const pods of cluster.watch(run, { signal: stop.signal })) return pods;
    return [];
  } finally {
    stop.abort();
  }
}
