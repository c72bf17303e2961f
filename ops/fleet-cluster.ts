import type { Cluster } from '../orchestrator/ports/cluster.ts';
import { jobName } from '../orchestrator/render/names.ts';
import type { Observation } from '../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../orchestrator/run/pod-facts.ts';

/** What every run of the fleet is in the middle of: its second launch, after prepare. */
export const LAUNCH = 2;
export const PODS = 2;
/** All that a pod says. */
export const TOLD = 'loading';
const DEVICES_OF_POD = 8;

/** A fleet on which nothing happens: each run trains on two nodes, and says so once to whoever asks. */
export interface Fleet {
  readonly cluster: Cluster;
  /** Runs of which whoever watches them has taken what there is, and waits for more. */
  readonly watched: () => number;
}

/** @param since - When all of their pods were bound; milliseconds since the epoch. */
export function fleetOf(since: number): Fleet {
  let watched = 0;

  async function* watch(run: string, { signal }: { readonly signal: AbortSignal }) {
    yield observationOf(run, since);
    watched += 1;
    await aborted(signal);
    watched -= 1;
  }

  async function* logs(_pod: string, { signal }: { readonly signal: AbortSignal }) {
    yield { at: since, text: JSON.stringify({ event: 'phase', at: since, phase: TOLD }) };
    await aborted(signal);
  }

  const ordered = async (): Promise<never> => {
    throw new Error('nothing happens to this fleet, so nothing is to be ordered');
  };
  return {
    watched: () => watched,
    cluster: {
      outlives: true,
      queues: true,
      runs: ordered,
      watch,
      logs,
      apply: ordered,
      stop: ordered,
      fence: ordered,
      release: ordered,
      clear: ordered,
      usableNodes: async () => null,
    },
  };
}

function observationOf(run: string, since: number): Observation {
  const stage = 'train';
  const name = jobName(run, stage, LAUNCH);
  const told = { reason: '', message: '', pending: [], retained: true };
  const pods = Array.from({ length: PODS }, (_, index): PodFacts => {
    const pod = `${name}-node-0-${index}-x7k2p`;
    return {
      uid: pod,
      name: pod,
      job: name,
      run,
      stage,
      launch: LAUNCH,
      attempt: LAUNCH,
      index,
      node: `node-${index}`,
      deviceModel: 'H100-SXM-80GB',
      devices: DEVICES_OF_POD,
      phase: 'running',
      createdAt: since,
      boundAt: since,
      startedAt: since,
      retained: true,
    };
  });
  return { jobs: [{ name, run, stage, launch: LAUNCH, size: PODS, state: 'active', since, ...told }], pods };
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
