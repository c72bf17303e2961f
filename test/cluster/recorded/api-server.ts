import type { Part } from '../../../cluster/kubernetes/observe/namespace-sets.ts';
import type { WatchedSet } from '../../../cluster/kubernetes/observe/objects-by-uid.ts';
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

  /** What a watch tells of the change. */
  take({ part, type, object: recorded }: RecordedChange): WatchedSet {
    const objects = this.#parts[part];
    const { uid } = recorded.metadata;
    const object = this.#released.has(uid) ? withoutFinalizer(recorded) : recorded;
    if (type === 'DELETED' && !object.metadata.finalizers?.includes(FINALIZER)) {
      objects.delete(uid);
      return changed(objects, [], [object]);
    }
    if (type === 'DELETED') this.#kept.add(uid);
    objects.set(uid, object);
    return changed(objects, [object], []);
  }

  list = (part: Part): WatchedSet => ({ objects: [...this.#parts[part].values()], vanished: [] });

  /** Takes the finalizer off pods; those that only it has kept are gone then. */
  release(names: readonly string[]): WatchedSet {
    const pods = this.#parts.pods;
    const touched: KubernetesObject[] = [];
    const vanished: KubernetesObject[] = [];
    for (const [uid, pod] of pods) {
      if (!names.includes(pod.metadata.name)) continue;
      const free = withoutFinalizer(pod);
      this.#released.add(uid);
      if (this.#kept.has(uid)) {
        pods.delete(uid);
        vanished.push(free);
      } else {
        pods.set(uid, free);
        touched.push(free);
      }
    }
    return changed(pods, touched, vanished);
  }
}

const changed = (
  objects: Objects,
  touched: readonly KubernetesObject[],
  vanished: readonly KubernetesObject[],
): WatchedSet => ({ kind: 'changed', objects: [...objects.values()], touched, vanished });

function withoutFinalizer(object: KubernetesObject): KubernetesObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
