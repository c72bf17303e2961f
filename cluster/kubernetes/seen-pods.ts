import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { JsonObject } from './client.ts';
import { PodSchema } from './pod.ts';
import { podFacts } from './pod-facts.ts';

/** A full set of pods as it was seen, and which facts it is full for: those of a run, or of a job. */
export interface Look {
  readonly objects: readonly JsonObject[];
  readonly vanished: readonly JsonObject[];
  readonly covers: (pod: PodFacts) => boolean;
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

  take({ objects, vanished, covers }: Look): void {
    const present = new Set<string>();
    for (const object of [...vanished, ...objects]) {
      const facts = podFacts(PodSchema.parse(object), this.#deviceResource);
      if (facts) this.#pods.set(facts.uid, facts);
    }
    for (const { metadata } of objects as readonly { readonly metadata: { readonly uid: string } }[])
      present.add(metadata.uid);
    for (const [uid, pod] of this.#pods)
      if (!present.has(uid) && covers(pod)) this.#pods.set(uid, withoutRecord(pod));
  }

  /** Oldest first. */
  of(run: string): readonly PodFacts[] {
    return [...this.#pods.values()]
      .filter((pod) => pod.run === run)
      .toSorted((a, b) => a.boundAt - b.boundAt || a.job.localeCompare(b.job) || a.index - b.index);
  }
}

/** The cluster keeps nothing of it any more, although its finalizer may have stood in what was seen last. */
function withoutRecord(known: PodFacts): PodFacts {
  const pod = { ...known, retained: false };
  return pod.endedAt === undefined ? { ...pod, phase: 'lost', endedAt: Date.now() } : pod;
}
