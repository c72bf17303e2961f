import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import { type Pod, podOf } from '../objects/pod.ts';
import { ByKey } from './by-key.ts';
import { ObjectsByUid, sidesOf, type WatchedSet } from './objects-by-uid.ts';

/** Pods that no node has taken, by their jobs. */
export class UnboundPods {
  readonly #all = new ObjectsByUid();
  readonly #ofJob = new ByKey<Pod>();
  readonly #leaving = new Map<string, Pod>();

  /** @returns the runs of whose pods, bound ones among them, it tells. */
  take(set: WatchedSet): ReadonlySet<string> {
    const changes = this.#all.take(set);
    for (const { before } of changes) if (before !== undefined) this.#drop(podOf(before));
    for (const { after } of changes) if (after !== undefined) this.#put(podOf(after));
    return new Set(changes.flatMap(sidesOf).flatMap((pod) => podOf(pod).metadata.labels[LABEL.run] ?? []));
  }

  of(job: string): readonly Pod[] {
    return this.#ofJob.of(job);
  }

  /** Those on their way out: there is nothing of them to settle. */
  leaving(): readonly Pod[] {
    return [...this.#leaving.values()];
  }

  #put(pod: Pod): void {
    const { metadata, spec } = pod;
    if (spec.nodeName !== '') return;
    this.#ofJob.put(metadata.labels[LABEL.job] ?? '', metadata.uid, pod);
    if (metadata.deletionTimestamp !== undefined && metadata.finalizers.includes(FINALIZER))
      this.#leaving.set(metadata.uid, pod);
  }

  #drop({ metadata }: Pod): void {
    this.#ofJob.drop(metadata.labels[LABEL.job] ?? '', metadata.uid);
    this.#leaving.delete(metadata.uid);
  }
}
