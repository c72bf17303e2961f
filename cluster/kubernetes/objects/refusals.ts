import { z } from 'zod';
import { readOnce } from '../api/read-once.ts';
import { Time } from './condition.ts';

/** By this the controller of Jobs says that it may not make a pod. */
export const REFUSED_PODS = 'reason=FailedCreate';

const EventSchema = z
  .object({
    metadata: z.object({ creationTimestamp: Time }),
    involvedObject: z.object({ name: z.string().default('') }),
    message: z.string().default(''),
    lastTimestamp: Time.nullish(),
    eventTime: Time.nullish(),
  })
  .transform(({ metadata, involvedObject, message, lastTimestamp, eventTime }) => ({
    object: involvedObject.name,
    message,
    at: lastTimestamp ?? eventTime ?? metadata.creationTimestamp,
  }));

/** Why no pod was made for an object. */
export type Refusal = z.infer<typeof EventSchema>;
export const refusalOf = readOnce((object) => EventSchema.parse(object));

/** The job that it is about: a JobSet makes one of its own name and `-node-0`. */
export const jobOfRefused = ({ object }: Refusal): string => object.replace(/-node-.*$/, '');

/** The newest since then that is about the job, or about the one that a JobSet has made of it; empty where there is none. */
export function whyNoPods(job: string, since: number, refusals: readonly Refusal[]): string {
  const own = refusals.filter(
    ({ object, at }) => at >= since && (object === job || object.startsWith(`${job}-node-`)),
  );
  const newest = own.toSorted((a, b) => b.at - a.at)[0];
  // Each try is for a pod of another name, and nobody ever sees one of them.
  return (newest?.message ?? '')
    .replace(/^Error creating: /, '')
    .replace(/pods "[^"]*" is forbidden/, 'its pods are forbidden');
}
