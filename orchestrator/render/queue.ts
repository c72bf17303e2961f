import { takesDevices } from '../run/stages.ts';
import { deadlineSeconds, podCount, type StageRequest } from './request.ts';

/** The queue that has to admit a stage; stages on processors do not wait in it. */
function queueOf(request: StageRequest) {
  const { backend } = request.profile;
  return backend.kind === 'kubernetes' && takesDevices(request) ? backend.queue : undefined;
}

/** Created suspended where a queue admits it. */
export const suspended = (request: StageRequest): true | undefined => (queueOf(request) ? true : undefined);

/** Labels of the owner object by which Kueue queues it. */
export function queueLabels(request: StageRequest): Readonly<Record<string, string>> {
  const queue = queueOf(request);
  const limit = deadlineSeconds(request);
  if (queue === undefined) return {};
  return {
    'kueue.x-k8s.io/queue-name': queue.name,
    ...(queue.priorityClass === undefined ? {} : { 'kueue.x-k8s.io/priority-class': queue.priorityClass }),
    // Adds up over evictions, which a Job's own deadline does not: each start begins it again.
    ...(limit === undefined ? {} : { 'kueue.x-k8s.io/max-exec-time-seconds': String(limit) }),
  };
}

/** Annotations of the pods by which Kueue places a gang. */
export function topologyAnnotations(request: StageRequest): Readonly<Record<string, string>> {
  const topology = queueOf(request)?.topology;
  if (topology === undefined || podCount(request) === 1) return {};
  return { [`kueue.x-k8s.io/podset-${topology.demand}-topology`]: topology.level };
}
