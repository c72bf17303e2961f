import type { Cluster } from '../../cluster/port.ts';
import type { Observation } from '../run/job-facts.ts';

/**
 * The run on its cluster as it is now.
 *
 * @throws Error when the signal is aborted before the cluster has answered.
 */
export async function readRun(
  cluster: Cluster,
  run: string,
  until: AbortSignal = new AbortController().signal,
): Promise<Observation> {
  const stop = new AbortController();
  const end = () => stop.abort();
  until.addEventListener('abort', end);
  try {
    for await (const seen of cluster.watch(run, { signal: stop.signal })) return seen;
    throw new Error(tooLate(run));
  } catch (error) {
    // What is asked and given up tells in words of its own that it was.
    throw until.aborted ? new Error(tooLate(run), { cause: error }) : error;
  } finally {
    until.removeEventListener('abort', end);
    stop.abort();
  }
}

const tooLate = (run: string): string => `the cluster did not say in time what it knows of ${run}`;
