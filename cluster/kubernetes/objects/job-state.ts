import { z } from 'zod';
import type { JobFacts } from '../../../orchestrator/run/job-facts.ts';
import { readOnce } from '../api/read-once.ts';
import { type Condition, ConditionSchema, holds, Time } from './condition.ts';
import { isWaiting, type Workload } from './workload.ts';

/** The part of a JobSet, Job or TrainJob that is read here. */
const OwnerSchema = z.object({
  kind: z.string().default('job'),
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    finalizers: z.array(z.string()).default([]),
    creationTimestamp: Time,
    deletionTimestamp: Time.optional(),
  }),
  spec: z.looseObject({ suspend: z.boolean().default(false) }),
  status: z.object({ conditions: z.array(ConditionSchema).default([]) }).prefault({}),
});
export type OwnerObject = z.infer<typeof OwnerSchema>;
export const ownerObjectOf = readOnce((object) => OwnerSchema.parse(object));

export const QUEUE_NAME = 'kueue.x-k8s.io/queue-name';
/** Job and TrainJob say Complete, JobSet says Completed. */
const SUCCESS = ['Complete', 'Completed'];

/** By its own word; what its queue holds back has none. */
export const isFinished = (conditions: readonly Condition[]): boolean =>
  [...SUCCESS, 'Failed'].some((type) => holds(conditions, type) !== undefined);

type JobState = Pick<JobFacts, 'state' | 'reason' | 'message' | 'since' | 'takenBack'>;

/** Where a job stands, by its own conditions and its queue's; `placeOf` says at which place of its queue it waits. */
export const jobState = (
  owner: OwnerObject,
  workload: Workload | undefined,
  placeOf: (workload: Workload) => string,
): JobState => ({ ...standing(owner, workload, placeOf), ...(workload && takenBack(workload)) });

function standing(
  owner: OwnerObject,
  workload: Workload | undefined,
  placeOf: (workload: Workload) => string,
): JobState {
  const { conditions } = owner.status;
  const success = SUCCESS.map((type) => holds(conditions, type)).find((found) => found !== undefined);
  if (success) return told('succeeded', success);
  const failure = holds(conditions, 'Failed');
  if (failure) return told('failed', failure);
  const { deletionTimestamp, creationTimestamp, labels, name } = owner.metadata;
  if (deletionTimestamp !== undefined)
    return {
      state: 'held',
      since: deletionTimestamp,
      reason: 'Deleted',
      message: `somebody has deleted ${name}`,
    };
  if (workload) return queuedState(workload, placeOf);
  if (labels[QUEUE_NAME] !== undefined)
    return {
      state: 'waiting',
      since: creationTimestamp,
      reason: 'NoWorkload',
      message: `Kueue has not taken notice of ${name} yet`,
    };
  if (owner.spec.suspend)
    return { state: 'held', reason: 'Suspended', message: `${name} is suspended`, since: creationTimestamp };
  return { state: 'active', since: creationTimestamp, reason: '', message: '' };
}

function queuedState(workload: Workload, placeOf: (workload: Workload) => string): JobState {
  const { spec, status } = workload;
  const evicted = holds(status.conditions, 'Evicted');
  if (!spec.active) {
    const by = evicted ?? {
      reason: 'Deactivated',
      message: `the workload ${workload.metadata.name} is deactivated`,
    };
    return told('held', by);
  }
  const admitted = holds(status.conditions, 'Admitted');
  if (admitted && !evicted) return { ...told('active', admitted), reason: '', message: '' };
  const quota = status.conditions.find(({ type }) => type === 'QuotaReserved');
  const why = evicted ?? quota;
  // For a moment it is taken back and has its quota still.
  const message = isWaiting(workload)
    ? [placeOf(workload), quota?.message].filter(Boolean).join(': ')
    : (why?.message ?? '');
  return {
    state: 'waiting',
    since: why?.lastTransitionTime ?? workload.metadata.creationTimestamp,
    reason: evicted?.reason ?? '',
    message,
  };
}

/** How Kueue puts the reason of an eviction that is over, in the condition's message. */
const PREVIOUSLY = 'Previously: ';

/** Quota is given back while pods may still be ending, so the job can be admitted again before they have. */
function takenBack({ status: { conditions } }: Workload): Pick<JobFacts, 'takenBack'> {
  const evicted = conditions.find(({ type }) => type === 'Evicted');
  const since = evicted?.lastTransitionTime;
  if (evicted === undefined || !since) return {};
  if (evicted.status === 'True')
    return { takenBack: { reason: evicted.reason, message: evicted.message, since } };
  const requeued = holds(conditions, 'Requeued');
  if (!requeued?.lastTransitionTime || !evicted.message.startsWith(PREVIOUSLY)) return {};
  const message = evicted.message.slice(PREVIOUSLY.length);
  return {
    takenBack: { reason: requeued.reason, message, since: requeued.lastTransitionTime, until: since },
  };
}

function told(
  state: JobState['state'],
  { reason, message, lastTransitionTime }: Pick<Condition, 'reason' | 'message' | 'lastTransitionTime'>,
): JobState {
  return { state, reason, message, ...(lastTransitionTime ? { since: lastTransitionTime } : {}) };
}
