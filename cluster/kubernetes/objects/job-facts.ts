import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import type { JobFacts, PendingPod } from '../../../orchestrator/run/job-facts.ts';
import { StageSchema } from '../../../orchestrator/wire/job-spec.ts';
import type { JsonObject } from '../api/client.ts';
import { gangSize } from './gang-size.ts';
import { jobState, ownerObjectOf } from './job-state.ts';
import type { Pod } from './pod.ts';
import { type Refusal, whyNoPods } from './refusals.ts';
import type { Workload } from './workload.ts';

/** What is known beside the job itself. */
export interface Surroundings {
  /** Of the job with that uid. */
  readonly workloadOf: (uid: string) => Workload | undefined;
  /** Of one that waits. */
  readonly placeOf: (workload: Workload) => string;
  /** Pods of the job that no node has taken. */
  readonly unboundOf: (job: string) => readonly Pod[];
  readonly refusalsOf: (job: string) => readonly Refusal[];
}

/** What the API server's record of a job says, in the domain's words; undefined for a job that is not a run's. */
export function jobFacts(
  object: JsonObject,
  { workloadOf, placeOf, unboundOf, refusalsOf }: Surroundings,
): JobFacts | undefined {
  const owner = ownerObjectOf(object);
  const { labels, name, uid, finalizers } = owner.metadata;
  const run = labels[LABEL.run];
  const stage = StageSchema.safeParse(labels[LABEL.stage]);
  if (run === undefined || !stage.success) return undefined;
  const state = jobState(owner, workloadOf(uid), placeOf);
  return {
    name,
    run,
    stage: stage.data,
    launch: Number(labels[LABEL.attempt] ?? 1),
    size: gangSize(owner),
    ...state,
    // While all goes well its controllers say nothing of it.
    message: state.state === 'active' ? whyNoPods(name, state.since ?? 0, refusalsOf(name)) : state.message,
    pending: unboundOf(name)
      .flatMap(pendingPod)
      .toSorted((a, b) => a.name.localeCompare(b.name)),
    retained: finalizers.includes(FINALIZER),
  };
}

function pendingPod({ metadata, status }: Pod): readonly PendingPod[] {
  // One that is on its way out waits for nothing.
  if (metadata.deletionTimestamp !== undefined) return [];
  const refusal = status.conditions.find(({ type }) => type === 'PodScheduled');
  return [
    {
      name: metadata.name,
      since: refusal?.lastTransitionTime ?? metadata.creationTimestamp,
      reason: refusal?.reason ?? '',
      message: refusal?.message ?? '',
    },
  ];
}
