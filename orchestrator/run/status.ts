import type { Observation } from './job-facts.ts';
import { isAlive } from './pod-facts.ts';
import type { ActiveState, RunState } from './state.ts';

/** In one word where a run is, by what is recorded and what is seen. */
export type Status =
  | 'queued'
  | 'admitted'
  | 'scheduled'
  | 'starting'
  | 'preparing'
  | 'running'
  | 'exporting'
  | 'evaluating'
  | 'restarting'
  | 'stopping'
  | 'unknown'
  | Exclude<RunState['kind'], 'running'>;

/** @param seen - Null when the cluster cannot be read: what became of the pods is then unknown. */
export function statusOf(state: RunState, seen: Observation | null): Status {
  if (state.kind !== 'running') return state.kind;
  return seen === null ? 'unknown' : underwayStatus(state, seen);
}

function underwayStatus({ stage, launch, over }: ActiveState, { jobs, pods }: Observation): Status {
  const job = jobs.find((each) => each.stage === stage && each.launch === launch);
  const alive = pods.filter((pod) => pod.stage === stage && pod.launch === launch && isAlive(pod));
  if (alive.some(({ startedAt }) => startedAt !== undefined)) return STATUS_OF_STAGE[stage];
  if (alive.length > 0) return 'scheduled';
  if (job?.state === 'waiting') return 'queued';
  if (over !== null) return 'restarting';
  return job?.state === 'active' ? 'admitted' : 'starting';
}

const STATUS_OF_STAGE = {
  prepare: 'preparing',
  train: 'running',
  export: 'exporting',
  evaluate: 'evaluating',
} as const;
