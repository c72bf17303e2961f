import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { JsonObject } from './client.ts';
import { podOf } from './pod.ts';
import { podFacts } from './pod-facts.ts';

/** A full set of pods as it was seen, and which facts it is full for: those of a run, or of a job. */
export interface Look {
  readonly objects: readonly JsonObject[];
  readonly vanished: readonly JsonObject[];
  readonly covers: (pod: PodFacts) => boolean;
  /**
   * A list is newer than all that was known when it was asked for. A change is not: another watch may have told of pods
   * that this one has yet to hear of, so what is gone by its word is what vanished from it.
   */
  readonly kind?: 'synced' | 'changed';
}

/**
 * What is known of pods for as long as this process lives: a controller deletes the pods that it ends, and their ends
 * must outlive them. A pod that is gone and was not seen to end counts as lost, from the time at which it was missed.
 */
export class SeenPods {
  readonly #pods = new Map<string, PodFacts>();
  readonly #deviceResource: string | undefined;

  constructor(deviceResource: string | undefined) {
    this.#deviceResource = deviceResource;
  }

  take({ objects, vanished, covers, kind = 'synced' }: Look): void {
    for (const object of [...vanished, ...objects]) {
      const facts = podFacts(podOf(object), this.#deviceResource);
      if (facts && !this.#isOlder(facts)) this.#pods.set(facts.uid, this.#withKnownCause(facts));
    }
    const present = uidsOf(objects);
    const gone = uidsOf(vanished);
    for (const [uid, pod] of this.#pods)
      if (!present.has(uid) && (kind === 'changed' ? gone.has(uid) : covers(pod)))
        this.#pods.set(uid, withoutRecord(pod));
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
    return [...this.#pods.values()]
      .filter((pod) => pod.run === run)
      .toSorted((a, b) => a.boundAt - b.boundAt || a.job.localeCompare(b.job) || a.index - b.index);
  }
}

const uidsOf = (objects: readonly JsonObject[]): ReadonlySet<string> =>
  new Set(
    (objects as readonly { readonly metadata: { readonly uid: string } }[]).map(
      ({ metadata }) => metadata.uid,
    ),
  );

/** The cluster keeps nothing of it any more, although its finalizer may have stood in what was seen last. */
function withoutRecord(known: PodFacts): PodFacts {
  const pod = { ...known, retained: false };
  return pod.endedAt === undefined ? { ...pod, phase: 'lost', endedAt: Date.now() } : pod;
}
