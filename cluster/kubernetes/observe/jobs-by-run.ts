import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import type { JsonObject } from '../api/client.ts';
import { isFinished, ownerObjectOf } from '../objects/job-state.ts';
import { ByKey } from './by-key.ts';
import { ObjectsByUid, sidesOf, uidOf, type WatchedSet } from './objects-by-uid.ts';

/** The jobs of a namespace, and whose they are. */
export class JobsByRun {
  readonly #all = new ObjectsByUid();
  readonly #ofRun = new ByKey<JsonObject>();
  readonly #byName = new Map<string, JsonObject>();
  readonly #runOfUid = new Map<string, string>();

  /** @returns the runs whose jobs it tells of. */
  take(set: WatchedSet): ReadonlySet<string> {
    const changes = this.#all.take(set);
    for (const { before } of changes) if (before !== undefined) this.#drop(before);
    for (const { after } of changes) if (after !== undefined) this.#put(after);
    return new Set(changes.flatMap(sidesOf).flatMap(runOf));
  }

  all(): readonly JsonObject[] {
    return [...this.#all.values()];
  }

  of(run: string): readonly JsonObject[] {
    return this.#ofRun.of(run);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  runOfName(name: string): string | undefined {
    const job = this.#byName.get(name);
    return job === undefined ? undefined : runOf(job)[0];
  }

  runOfUid(uid: string): string | undefined {
    return this.#runOfUid.get(uid);
  }

  /** Names of those among them that have ended by this telling, and by none before, and whose usage is not settled yet. */
  endedSince(told: readonly JsonObject[]): readonly string[] {
    const before = new Set(
      told.flatMap(runOf).flatMap((run) => this.of(run).filter(hasFinished).map(nameOf)),
    );
    return told
      .filter(hasFinished)
      .map(nameOf)
      .filter((name) => !before.has(name));
  }

  #put(job: JsonObject): void {
    this.#byName.set(nameOf(job), job);
    for (const run of runOf(job)) {
      this.#ofRun.put(run, uidOf(job), job);
      this.#runOfUid.set(uidOf(job), run);
    }
  }

  #drop(job: JsonObject): void {
    this.#runOfUid.delete(uidOf(job));
    // Another one of its name may be there by now.
    if (this.#byName.get(nameOf(job)) === job) this.#byName.delete(nameOf(job));
    for (const run of runOf(job)) this.#ofRun.drop(run, uidOf(job));
  }
}

const nameOf = (job: JsonObject): string => ownerObjectOf(job).metadata.name;

/** None for a job that is no run's. */
const runOf = (job: JsonObject): readonly string[] => {
  const run = ownerObjectOf(job).metadata.labels[LABEL.run];
  return run === undefined ? [] : [run];
};

function hasFinished(job: JsonObject): boolean {
  const { metadata, status } = ownerObjectOf(job);
  return metadata.finalizers.includes(FINALIZER) && isFinished(status.conditions);
}
