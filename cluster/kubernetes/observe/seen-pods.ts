import type { PodFacts } from '../../../orchestrator/run/pod-facts.ts';
import type { JsonObject } from '../api/client.ts';
import { podOf } from '../objects/pod.ts';
import { podFacts } from '../objects/pod-facts.ts';
import { toldIn, uidOf, type WatchedSet } from './objects-by-uid.ts';

/**
 * A full set of pods as it was seen, and which facts it is full for: those of a run, or of a job. A list is newer than all that was
 * known when it was asked for. A change is not: another watch may have told of pods that this one has yet to hear of, so what is
 * gone by its word is what vanished from it.
 */
export interface PodSnapshot extends WatchedSet {
  readonly covers: (pod: PodFacts) => boolean;
}

/**
 * What is known of pods for as long as this process lives: a controller deletes the pods that it ends, and their ends
 * must outlive them. A pod that is gone and was not seen to end counts as lost, from the time at which it was missed.
 */
export class SeenPods {
  readonly #pods = new Map<string, PodFacts>();
  /** The same, of each run: who looks at one of ten thousand does not go through the pods of all. */
  readonly #ofRun = new Map<string, Map<string, PodFacts>>();
  /** Several watches tell of the same object, and a list of what its watch has told before. */
  readonly #taken = new WeakSet<JsonObject>();
  readonly #deviceResource: string | undefined;

  constructor(deviceResource: string | undefined) {
    this.#deviceResource = deviceResource;
  }

  take(set: PodSnapshot): void {
    const { vanished, covers, kind = 'synced' } = set;
    const told = toldIn(set);
    for (const object of [...vanished, ...told]) {
      if (this.#taken.has(object)) continue;
      this.#taken.add(object);
      const facts = podFacts(podOf(object), this.#deviceResource);
      if (facts && !this.#isOlder(facts)) this.#set(this.#withKnownCause(facts));
    }
    if (kind === 'changed' && vanished.length === 0) return;
    const present = new Set(told.map(uidOf));
    const mayBeGone =
      kind === 'changed'
        ? vanished.flatMap((object) => this.#pods.get(uidOf(object)) ?? [])
        : [...this.#pods.values()].filter(covers);
    for (const pod of mayBeGone) if (!present.has(pod.uid)) this.#set(withoutRecord(pod));
  }

  #set(pod: PodFacts): void {
    this.#pods.set(pod.uid, pod);
    const own = this.#ofRun.get(pod.run) ?? new Map<string, PodFacts>();
    this.#ofRun.set(pod.run, own.set(pod.uid, pod));
  }

  /** Of two watches one is behind: an end is never taken back. */
  #isOlder({ uid, endedAt }: PodFacts): boolean {
    return endedAt === undefined && this.#pods.get(uid)?.endedAt !== undefined;
  }

  /**
   * Its record may forget why a pod ended: a kubelet that lets go of an ended pod deletes it with no grace, and from then on
   * the record says that this was when its deletion was asked for.
   */
  #withKnownCause(facts: PodFacts): PodFacts {
    const known = this.#pods.get(facts.uid)?.termination;
    return known === undefined || facts.termination !== undefined ? facts : { ...facts, termination: known };
  }

  /** Oldest first. */
  of(run: string): readonly PodFacts[] {
    return [...(this.#ofRun.get(run)?.values() ?? [])].toSorted(
      (a, b) => a.boundAt - b.boundAt || a.job.localeCompare(b.job) || a.index - b.index,
    );
  }
}

/** The cluster keeps nothing of it any more, although its finalizer may have stood in what was seen last. */
function withoutRecord(known: PodFacts): PodFacts {
  const pod = { ...known, retained: false };
  return pod.endedAt === undefined ? { ...pod, phase: 'lost', endedAt: Date.now() } : pod;
}
