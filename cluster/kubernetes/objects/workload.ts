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

/**
 * `2nd of 5 in queue training`, by the name of each Workload that waits in that queue of its namespace, in the order in which Kueue
 * takes them.
 */
export function placesInQueue(queue: string, all: readonly Workload[]): ReadonlyMap<string, string> {
  const waiting = all
    .filter((each) => each.spec.queueName === queue && isWaiting(each))
    .toSorted(
      (a, b) =>
        b.spec.priority - a.spec.priority ||
        a.metadata.creationTimestamp - b.metadata.creationTimestamp ||
        // The API server's times have whole seconds: whoever looks is to see one order.
        a.metadata.name.localeCompare(b.metadata.name),
    );
  return new Map(
    waiting.map(({ metadata }, index) => [
      metadata.name,
      `${ordinal(index + 1)} of ${waiting.length} in queue ${queue}`,
    ]),
  );
}

const RULES = new Intl.PluralRules('en', { type: 'ordinal' });

function ordinal(place: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }[
    RULES.select(place)
  ];
  return `${place}${ending}`;
}
