import type { Cluster } from '../ports/cluster.ts';
import type { Observation } from '../run/job-facts.ts';
import type { Clock } from './clock.ts';

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

/** A cluster that does not answer for this long leaves the run unknown. */
const ANSWER_WITHIN_MILLISECONDS = 10_000;

/** The same for whoever waits for it. @throws Error when the cluster has not answered within 10 s. */
export async function readRunSoon(
  { sleep }: Pick<Clock, 'sleep'>,
  cluster: Cluster,
  run: string,
): Promise<Observation> {
  const answered = new AbortController();
  const late = new AbortController();
  void sleep(ANSWER_WITHIN_MILLISECONDS, answered.signal).then(() => late.abort());
  try {
    return await readRun(cluster, run, late.signal);
  } finally {
    answered.abort();
  }
}

const tooLate = (run: string): string => `the cluster did not say in time what it knows of ${run}`;
