import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import type { JobFacts, PendingPod } from '../../../orchestrator/run/job-facts.ts';
import { StageSchema } from '../../../orchestrator/wire/job-spec.ts';
import type { JsonObject } from '../api/client.ts';
import { gangSize } from './gang-size.ts';
import { jobState, ownerObjectOf } from './job-state.ts';
import type { Pod } from './pod.ts';
import { type Refusal, whyNoPods } from './refusals.ts';
import { JOB_UID, type Workload } from './workload.ts';

/** What is known beside the job itself. */
interface Surroundings {
  /** Those of the namespace. */
  readonly workloads: readonly Workload[];
  /** Those that no node has taken. */
  readonly unbound: readonly Pod[];
  readonly refusals: readonly Refusal[];
}

/** What the API server's record of a job says, in the domain's words; undefined for a job that is not a run's. */
export function jobFacts(
  object: JsonObject,
  { workloads, unbound, refusals }: Surroundings,
): JobFacts | undefined {
  const owner = ownerObjectOf(object);
  const { labels, name, uid, finalizers } = owner.metadata;
  const run = labels[LABEL.run];
  const stage = StageSchema.safeParse(labels[LABEL.stage]);
  if (run === undefined || !stage.success) return undefined;
  const workload = workloads.find(({ metadata }) => metadata.labels[JOB_UID] === uid);
  const state = jobState(owner, workload, workloads);
  return {
    name,
    run,
    stage: stage.data,
    launch: Number(labels[LABEL.attempt] ?? 1),
    size: gangSize(owner),
    ...state,
    // While all goes well its controllers say nothing of it.
    message: state.state === 'active' ? whyNoPods(name, state.since ?? 0, refusals) : state.message,
    pending: unbound.filter(({ metadata }) => metadata.labels[LABEL.job] === name).flatMap(pendingPod),
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
