import type { Effect } from './effect.ts';
import { isOver, type JobFacts, type Observation } from './job-facts.ts';
import { isAlive, type PodFacts } from './pod-facts.ts';
import type { ActiveState, Run } from './state.ts';

/**
 * What the cluster may forget, and what must end because nobody waits for it any more. A pod may go once its attempt is
 * recorded as ended: its held time was written to the ledger before that. Its job may go when the run has moved on.
 */
export function letGo(run: Run, seen: Observation): readonly Effect[] {
  const { state } = run;
  const current = state.kind === 'running' || state.kind === 'stopping' ? state : undefined;
  return launchesOf(seen).flatMap(({ job, pods, name, stage, launch }): readonly Effect[] => {
    if (stage === current?.stage && launch === current.launch) return endedPods(name, current, pods);
    if (pods.some(isAlive)) return [{ do: 'stop', stage, attempt: launch }];
    if (job && !isOver(job)) return isDone(job, pods) ? [] : [{ do: 'stop', stage, attempt: launch }];
    const retained = pods.filter((pod) => pod.retained);
    if (!job?.retained && retained.length === 0) return [];
    return [{ do: 'release', job: name, pods: names(retained), whole: true }];
  });
}

/** Nothing of the run is alive, and the cluster keeps nothing for it. */
export const isLetGo = ({ jobs, pods }: Observation): boolean =>
  !jobs.some((job) => job.retained || !isOver(job)) && !pods.some((pod) => pod.retained || isAlive(pod));

interface Launch {
  readonly name: string;
  readonly stage: PodFacts['stage'];
  readonly launch: number;
  /** Undefined when somebody has taken it from under its pods. */
  readonly job: JobFacts | undefined;
  readonly pods: readonly PodFacts[];
}

function launchesOf({ jobs, pods }: Observation): readonly Launch[] {
  const byName = Map.groupBy(pods, ({ job }) => job);
  const withJob = jobs.map((job): Launch => {
    const { name, stage, launch } = job;
    return { name, stage, launch, job, pods: byName.get(name) ?? [] };
  });
  const orphaned = [...byName].flatMap(([name, own]): readonly Launch[] => {
    const [first] = own;
    if (!first || jobs.some((job) => job.name === name)) return [];
    return [{ name, stage: first.stage, launch: first.launch, job: undefined, pods: own }];
  });
  return [...withJob, ...orphaned];
}

/** Its controllers will say so any moment. */
const isDone = ({ size }: JobFacts, pods: readonly PodFacts[]): boolean =>
  pods.filter(({ phase }) => phase === 'succeeded').length >= size;

/** Those of earlier attempts under a job that goes on: it may wait for them to be gone before it starts again. */
function endedPods(
  job: string,
  { attempt, over }: ActiveState,
  pods: readonly PodFacts[],
): readonly Effect[] {
  const settled = pods.filter(
    (pod) => pod.retained && !isAlive(pod) && (pod.attempt < attempt || (pod.attempt === attempt && over)),
  );
  return settled.length === 0 ? [] : [{ do: 'release', job, pods: names(settled), whole: false }];
}

const names = (pods: readonly PodFacts[]): readonly string[] => pods.map(({ name }) => name);
