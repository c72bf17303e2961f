import { FINALIZER } from '../../../orchestrator/render/keys.ts';
import type { JsonObject } from '../api/client.ts';
import { isFinished, type OwnerObject, ownerObjectOf, QUEUE_NAME } from './job-state.ts';
import { isWaiting, JOB_UID, type Workload } from './workload.ts';

/**
 * Which Workloads tell of these jobs: their own, which carry no label of the run. While one of them waits for quota it is
 * all of the namespace, because its place is one among theirs.
 *
 * @returns A label selector; null where no queue has a say in any of the jobs.
 */
export function workloadSelector(jobs: readonly JsonObject[], workloads: readonly Workload[]): string | null {
  const uids = new Set(
    jobs
      .map(ownerObjectOf)
      .filter(isQueued)
      .map(({ metadata }) => metadata.uid),
  );
  if (uids.size === 0) return null;
  const waits = workloads.some((each) => uids.has(each.metadata.labels[JOB_UID] ?? '') && isWaiting(each));
  return waits ? '' : `${JOB_UID} in (${[...uids].toSorted().join(',')})`;
}

/** Of a job that has ended and is settled, nobody asks what its queue said. */
const isQueued = ({ metadata, status }: OwnerObject): boolean =>
  metadata.labels[QUEUE_NAME] !== undefined &&
  (metadata.finalizers.includes(FINALIZER) || !isFinished(status.conditions));
