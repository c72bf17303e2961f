import { foldRun } from '../run/evolve.ts';
import type { Observation } from '../run/job-facts.ts';
import { numberAttempts } from '../run/number-attempts.ts';
import { type Obstacle, obstaclesOf } from '../run/obstacle.ts';
import { type Status, statusOf } from '../run/status.ts';
import type { RunRecord } from '../store/port.ts';
import { elsewhere, machineOf } from './elsewhere.ts';
import { knownPods } from './known-pods.ts';
import { readRun } from './read-run.ts';
import type { Workplace } from './workplace.ts';

/** A cluster that does not answer for this long leaves the run unknown. */
const ANSWER_WITHIN_MILLISECONDS = 10_000;

export interface Look {
  readonly status: Status;
  /** What keeps it from going on, the worst first. */
  readonly obstacles: readonly Obstacle[];
  /** Null when the cluster could not be read. */
  readonly seen: Observation | null;
  /** Why it could not. */
  readonly why?: string;
}

/** Where a run is just now, by its records and by one look at its cluster. */
export async function lookAtRun(workplace: Workplace, record: RunRecord): Promise<Look> {
  const { state } = foldRun(await workplace.store.runs.events(record.id));
  const { backend } = record.profile;
  if (state.kind !== 'running' && state.kind !== 'stopping')
    return { status: statusOf(state, null), obstacles: [], seen: null };
  const host = elsewhere(workplace, record);
  if (host !== null)
    return {
      status: statusOf(state, null),
      obstacles: [],
      seen: null,
      why: `its pods are on ${machineOf(host)}`,
    };
  const answered = new AbortController();
  const late = new AbortController();
  void workplace.sleep(ANSWER_WITHIN_MILLISECONDS, answered.signal).then(() => late.abort());
  try {
    const cluster = await workplace.clusterFor(record.profile);
    const read = await readRun(cluster, record.id, late.signal);
    const seen = { ...read, pods: numberAttempts(read.pods, await knownPods(workplace, record.id)) };
    const obstacles =
      backend.kind === 'kubernetes' ? obstaclesOf(state, seen, backend.deadlines, null, workplace.now()) : [];
    return { status: statusOf(state, seen), obstacles, seen };
  } catch (error) {
    return { status: statusOf(state, null), obstacles: [], seen: null, why: String(error) };
  } finally {
    answered.abort();
  }
}
