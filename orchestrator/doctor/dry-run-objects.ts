import type { Manifest } from '../render/manifest.ts';

export interface DryRunObject {
  readonly manifest: Manifest;
  /** It names a queue, so that the queue's controller must hold it back by itself. */
  readonly queued: boolean;
}

const QUEUE = 'kueue.x-k8s.io/queue-name';

/**
 * What to show the server so that it says whether it would take the objects of a stage: each of them, and a pod as their
 * controller would make it, because pod security, quotas and service accounts are enforced on pods only.
 */
export function dryRunObjects(manifests: readonly Manifest[]): readonly DryRunObject[] {
  const objects = manifests.map((manifest) => {
    const queued = manifest.metadata.labels?.[QUEUE] !== undefined;
    return { manifest: queued ? released(manifest) : manifest, queued };
  });
  const pod = manifests.map(podOf).find((each) => each !== undefined);
  return pod ? [...objects, { manifest: pod, queued: false }] : objects;
}

/** Without our own `suspend`: where the queue's controller looks at this kind, its webhook puts it back. */
function released(manifest: Manifest): Manifest {
  const { suspend: _, ...spec } = (manifest['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  return { ...manifest, spec };
}

function podOf({ metadata, ...rest }: Manifest): Manifest | undefined {
  const template = podTemplate(rest);
  if (template === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...template,
    metadata: {
      ...template.metadata,
      name: `${metadata.name}-0`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    },
  };
}

interface PodTemplate {
  readonly metadata?: Pick<Manifest['metadata'], 'labels' | 'annotations'>;
  readonly spec: unknown;
}

/** Wherever the kind has it: a Job, or the Jobs that a JobSet or a runtime of Kubeflow Trainer makes. */
function podTemplate(value: unknown): PodTemplate | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'template' && isPodTemplate(inner)) return inner;
    const found = podTemplate(inner);
    if (found) return found;
  }
  return undefined;
}

/** Not a patch of one, which leaves images to what it is laid over. */
function isPodTemplate(value: unknown): value is PodTemplate {
  if (typeof value !== 'object' || value === null) return false;
  const { containers } = (value as { spec?: { containers?: unknown } }).spec ?? {};
  return (
    Array.isArray(containers) &&
    containers.length > 0 &&
    containers.every((container: { image?: unknown }) => typeof container.image === 'string')
  );
}
