import type { FullSet, Part } from '../../../cluster/kubernetes/observe/namespace-sets.ts';
import { FINALIZER } from '../../../orchestrator/render/keys.ts';
import type { KubernetesObject, RecordedChange } from './recording.ts';

type Objects = Map<string, KubernetesObject>;

/** What an API server holds in the course of a recording. Of all that Stint does, it answers to one thing: that a finalizer is taken off. */
export class ApiServer {
  readonly #parts: Readonly<Record<Part, Objects>> = {
    pods: new Map(),
    jobs: new Map(),
    workloads: new Map(),
  };
  /** Deleted in the recording, and kept by Stint's finalizer. */
  readonly #kept = new Set<string>();
  /** Without that finalizer, although the recording goes on with it. */
  readonly #released = new Set<string>();

  /** The full set after the change. */
  take({ part, type, object: recorded }: RecordedChange): FullSet {
    const objects = this.#parts[part];
    const { uid } = recorded.metadata;
    const object = this.#released.has(uid) ? withoutFinalizer(recorded) : recorded;
    if (type === 'DELETED' && !object.metadata.finalizers?.includes(FINALIZER)) {
      objects.delete(uid);
      return { objects: [...objects.values()], vanished: [object] };
    }
    if (type === 'DELETED') this.#kept.add(uid);
    objects.set(uid, object);
    return { objects: [...objects.values()], vanished: [] };
  }

  list = (part: Part): FullSet => ({ objects: [...this.#parts[part].values()], vanished: [] });

  /** Takes the finalizer off pods; those that only it has kept are gone then. */
  release(names: readonly string[]): FullSet {
    const pods = this.#parts.pods;
    const vanished: KubernetesObject[] = [];
    for (const [uid, pod] of pods) {
      if (!names.includes(pod.metadata.name)) continue;
      const free = withoutFinalizer(pod);
      this.#released.add(uid);
      if (this.#kept.has(uid)) {
        pods.delete(uid);
        vanished.push(free);
      } else pods.set(uid, free);
    }
    return { objects: [...pods.values()], vanished };
  }
}

function withoutFinalizer(object: KubernetesObject): KubernetesObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
