import type { JsonObject } from '../api/client.ts';
import { isWaiting, JOB_UID, placesInQueue, type Workload, workloadOf } from '../objects/workload.ts';
import { ByKey } from './by-key.ts';
import { ObjectsByUid, uidOf, type WatchedSet } from './objects-by-uid.ts';

/** What the queues of a namespace say of its jobs, and the place of each that waits. */
export class Queues {
  readonly #all = new ObjectsByUid();
  readonly #ofJob = new Map<string, Workload>();
  readonly #waiting = new ByKey<Workload>();
  /** By queue, for as long as nothing changes in it. */
  readonly #places = new Map<string, ReadonlyMap<string, string>>();

  /** @returns uids of the jobs of which it tells something new: a job that leaves a queue moves all that wait behind it. */
  take(set: WatchedSet): ReadonlySet<string> {
    const changes = this.#all.take(set);
    const jobs: string[] = [];
    const reordered = new Set<string>();
    for (const { before, after } of changes) {
      const [was, is] = [readOf(before), readOf(after)];
      if (before !== undefined && was !== undefined) this.#drop(before, was);
      if (after !== undefined && is !== undefined) this.#put(after, is);
      jobs.push(...[was, is].flatMap((each) => each?.metadata.labels[JOB_UID] ?? []));
      if (orderOf(was) !== orderOf(is))
        for (const each of [was, is]) if (each !== undefined) reordered.add(each.spec.queueName);
    }
    for (const queue of reordered) {
      this.#places.delete(queue);
      jobs.push(...this.#waiting.of(queue).flatMap(({ metadata }) => metadata.labels[JOB_UID] ?? []));
    }
    return new Set(jobs);
  }

  all(): readonly Workload[] {
    return [...this.#all.values()].map(workloadOf);
  }

  ofJob(uid: string): Workload | undefined {
    return this.#ofJob.get(uid);
  }

  /** `2nd of 5 in queue training`; empty for one that does not wait. */
  placeOf({ metadata, spec: { queueName } }: Workload): string {
    const places = this.#places.get(queueName) ?? placesInQueue(queueName, this.#waiting.of(queueName));
    this.#places.set(queueName, places);
    return places.get(metadata.name) ?? '';
  }

  #put(object: JsonObject, workload: Workload): void {
    const job = workload.metadata.labels[JOB_UID];
    if (job !== undefined) this.#ofJob.set(job, workload);
    if (isWaiting(workload)) this.#waiting.put(workload.spec.queueName, uidOf(object), workload);
  }

  #drop(object: JsonObject, workload: Workload): void {
    const job = workload.metadata.labels[JOB_UID];
    // Another one may tell of the job by now.
    if (job !== undefined && this.#ofJob.get(job) === workload) this.#ofJob.delete(job);
    this.#waiting.drop(workload.spec.queueName, uidOf(object));
  }
}

const readOf = (object: JsonObject | undefined): Workload | undefined =>
  object === undefined ? undefined : workloadOf(object);

/** What its place among others rests on; the same for all that do not wait. */
const orderOf = (workload: Workload | undefined): string =>
  workload !== undefined && isWaiting(workload)
    ? `${workload.spec.queueName} ${workload.spec.priority} ${workload.metadata.creationTimestamp}`
    : '';
