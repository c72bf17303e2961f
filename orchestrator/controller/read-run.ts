import type { Cluster } from '../../cluster/port.ts';
import type { Observation } from '../run/job-facts.ts';

/** The run on its cluster as it is now. */
export async function readRun(cluster: Cluster, run: string): Promise<Observation> {
  const stop = new AbortController();
  try {
    for await (const seen of cluster.watch(run, { signal: stop.signal })) return seen;
    return { jobs: [], pods: [] };
  } finally {
    stop.abort();
  }
}
