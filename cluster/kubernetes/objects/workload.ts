import { z } from 'zod';
import { readOnce } from '../api/read-once.ts';
import { ConditionSchema, holds, Time } from './condition.ts';

/** The part of a Kueue Workload that is read here: one for each job that a queue may admit. */
const WorkloadSchema = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    creationTimestamp: Time,
  }),
  spec: z.object({
    queueName: z.string().default(''),
    priority: z.number().default(0),
    active: z.boolean().default(true),
  }),
  status: z.object({ conditions: z.array(ConditionSchema).default([]) }).prefault({}),
});
export type Workload = z.infer<typeof WorkloadSchema>;
export const workloadOf = readOnce((object) => WorkloadSchema.parse(object));

/** By this the Workload of a job is found. */
export const JOB_UID = 'kueue.x-k8s.io/job-uid';

/** For quota. */
export const isWaiting = ({ spec, status: { conditions } }: Workload): boolean =>
  spec.active && !holds(conditions, 'Finished') && !holds(conditions, 'QuotaReserved');

/** `2nd of 5 in queue training`: among those of the namespace that wait, of which it is one, as Kueue orders them. */
export function placeInQueue(workload: Workload, all: readonly Workload[]): string {
  const { queueName } = workload.spec;
  const waiting = all
    .filter((each) => each.spec.queueName === queueName && isWaiting(each))
    .toSorted(
      (a, b) =>
        b.spec.priority - a.spec.priority || a.metadata.creationTimestamp - b.metadata.creationTimestamp,
    );
  const place = waiting.findIndex(({ metadata }) => metadata.name === workload.metadata.name) + 1;
  return `${ordinal(place)} of ${waiting.length} in queue ${queueName}`;
}

function ordinal(place: number): string {
  const rules = new Intl.PluralRules('en', { type: 'ordinal' });
  const ending = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }[
    rules.select(place)
  ];
  return `${place}${ending}`;
}
