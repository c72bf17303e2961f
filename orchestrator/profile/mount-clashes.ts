import type { Clash } from './clash.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';
import { CODE_FOLDER, claimVolume, TEMPLATE_MOUNTS, TEMPLATE_VOLUMES } from './pod-template-parts.ts';

interface Mount {
  readonly path: Clash['path'];
  readonly name: string;
  readonly mountPath: string;
}

/** Mounts that name no volume, or lie at, in or over a place that another one has. */
export function mountClashes({ volumes, pod }: Pick<KubernetesBackend, 'volumes' | 'pod'>): readonly Clash[] {
  const claims = volumes.map(({ mountPath }, index) => ({
    path: ['volumes', index],
    name: claimVolume(index),
    mountPath,
  }));
  const known = [
    ...TEMPLATE_VOLUMES,
    ...claims.map(({ name }) => name),
    ...(pod?.hostVolumes ?? []).map(({ name }) => name),
  ];
  const within = (
    path: Clash['path'],
    mounts: readonly { readonly name: string; readonly mountPath: string }[],
  ) => mounts.map((mount, index) => ({ ...mount, path: [...path, 'volumeMounts', index] }));
  const ofTrainer = [...claims, ...within(['pod'], pod?.volumeMounts ?? [])];
  const others = (pod?.initContainers ?? []).map(({ volumeMounts }, index) =>
    within(['pod', 'initContainers', index], volumeMounts),
  );
  return [
    ...ofTrainer.flatMap((mount) => overTheTemplate(mount)),
    ...[ofTrainer, ...others].flatMap((mounts) => [
      ...mounts.flatMap((mount, index) => amongEachOther(mount, mounts.slice(0, index))),
      ...mounts
        .filter(({ name }) => !known.includes(name))
        .map(({ path }) => ({
          path: [...path, 'name'],
          expected: `one of the pod's volumes: ${known.join(', ')}; backend.pod.hostVolumes adds more`,
        })),
    ]),
  ];
}

/** Without the "/" that may stand at its end; the root becomes nothing. */
const folder = (path: string): string => path.replace(/\/$/, '');
const contains = (outer: string, inner: string): boolean =>
  `${folder(inner)}/`.startsWith(`${folder(outer)}/`);

function overTheTemplate({ path, mountPath }: Mount): readonly Clash[] {
  for (const [own, what] of Object.entries(TEMPLATE_MOUNTS))
    if (contains(own, mountPath) || contains(mountPath, own))
      return [
        { path: [...path, 'mountPath'], expected: `a place apart from ${own}, where every pod has ${what}` },
      ];
  return contains(mountPath, CODE_FOLDER)
    ? [
        {
          path: [...path, 'mountPath'],
          expected: `a place that does not hide ${CODE_FOLDER}, the trainer itself`,
        },
      ]
    : [];
}

function amongEachOther({ path, mountPath }: Mount, before: readonly Mount[]): readonly Clash[] {
  if (folder(mountPath) === '' || contains('/proc', mountPath))
    return [{ path: [...path, 'mountPath'], expected: 'a place other than / and /proc' }];
  return before.some((other) => folder(other.mountPath) === folder(mountPath))
    ? [{ path: [...path, 'mountPath'], expected: 'a place where nothing else is mounted' }]
    : [];
}
