import type { RunAt } from '../ports/store.ts';
import { decide } from '../run/decide.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import { evolve } from '../run/evolve.ts';
import type { Observation } from '../run/job-facts.ts';
import { isAlive, type PodFacts } from '../run/pod-facts.ts';
import { giveUp } from '../run/proceed.ts';
import type { RunRecord } from '../run/run-record.ts';
import { stagesOf } from '../run/stages.ts';
import { isAtRest, type Run } from '../run/state.ts';

/** A decision is followed by few others: its end, and what follows from it. */
const MOST_DECISIONS = 5;

/** A run of this machine whose process is gone, and its pods with it. */
export interface LeftHere {
  /** What whoever takes it up will record first. */
  readonly events: readonly RunEvent[];
  readonly run: Run;
}

/**
 * What has become of a run of this machine that nobody works on, by what its pods have left: whoever only looks says it, and
 * whoever takes the run up records it.
 *
 * @param isCancelled - A person has asked for its end.
 * @returns null while one of its pods is alive.
 */
export function leftHere(
  { recipe }: Pick<RunRecord, 'recipe'>,
  run: Run,
  seen: Observation,
  isCancelled: boolean,
): LeftHere | null {
  if (seen.pods.some(isAlive)) return null;
  const view = {
    stages: stagesOf(recipe),
    seen,
    trouble: null,
    cancel: isCancelled,
    interrupt: true,
    maxRetries: 0,
    held: 0,
    maxHeld: 0,
  };
  let left: LeftHere = { events: [], run };
  for (let times = 0; times < MOST_DECISIONS && !isAtRest(left.run.state); times += 1) {
    const { events } = decide(left.run, view);
    // What a stage has left is taken over first; that is somebody else's to do.
    left = followed(left, events.length > 0 ? events : giveUp(view, left.run.state));
  }
  return isAtRest(left.run.state) ? left : null;
}

/**
 * What is seen of such a run, once it is known that nobody works on it: only the process that made a pod here starts it, so
 * one that has not begun never will, and has held nothing.
 */
export function seenAsLeft({ jobs, pods: seen }: Observation): Observation {
  const pods = seen.map(asLeft);
  const alive = new Set(pods.filter(isAlive).map(({ job }) => job));
  const ended = (name: string) => !alive.has(name) && seen.some((pod) => pod.job === name && isAlive(pod));
  return { pods, jobs: jobs.map((job) => (ended(job.name) ? { ...job, state: 'failed' } : job)) };
}

function asLeft(pod: PodFacts): PodFacts {
  if (pod.phase !== 'pending') return pod;
  const message = 'the command was not started: it was asked to end before';
  return {
    ...pod,
    phase: 'failed',
    endedAt: pod.boundAt,
    termination: { exitClass: 'interrupted', message },
  };
}

const followed = ({ events, run }: LeftHere, more: readonly RunEvent[]): LeftHere => ({
  events: [...events, ...more],
  run: more.reduce(evolve, run),
});

/** Events as they would be recorded at a moment. */
export const recordedAt = (
  { events }: Pick<LeftHere, 'events'>,
  { seq }: Pick<RunAt, 'seq'>,
  at: number,
): readonly RecordedEvent[] => events.map((event, index) => ({ seq: seq + 1 + index, at, event }));
