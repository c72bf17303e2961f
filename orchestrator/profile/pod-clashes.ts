import type { Clash } from './clash.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';
import { mountClashes } from './mount-clashes.ts';
import { placeClashes } from './place-clashes.ts';
import type { PodOverlay } from './pod-overlay.ts';
import {
  claimVolume,
  isOfTheContract,
  isWrittenByOthers,
  TEMPLATE_CONTAINERS,
  TEMPLATE_VOLUMES,
} from './pod-template-parts.ts';

/** What of a profile gives its pods their variables, resources, volumes and containers. */
interface PodSources {
  readonly nodes: number;
  readonly backend: KubernetesBackend | { readonly kind: 'local' };
  readonly device: { readonly kind: 'gpu' | 'cpu'; readonly resource?: string | undefined };
  readonly network: {
    readonly env: Readonly<Record<string, unknown>>;
    readonly resources: Readonly<Record<string, unknown>>;
  };
}

/** All that the API server would refuse, or silently let win, in the pods of a profile whose every field is well-formed. */
export function podClashes(profile: PodSources): readonly Clash[] {
  const { backend } = profile;
  if (backend.kind === 'local') return variableClashes(profile, []);
  const at = (path: Clash['path'], clashes: readonly Clash[]) =>
    clashes.map((clash) => ({ ...clash, path: [...path, ...clash.path] }));
  return [
    ...variableClashes(profile, backend.secrets),
    ...resourceClashes(profile),
    ...at(['backend'], mountClashes(backend)),
    ...at(['backend'], placeClashes(backend, profile.nodes)),
    ...at(['backend', 'pod'], backend.pod === undefined ? [] : overlayClashes(backend.pod)),
  ];
}

const TAKEN = 'a variable that the job template does not set itself';

function variableClashes({ network }: PodSources, secrets: KubernetesBackend['secrets']): readonly Clash[] {
  const plain = Object.keys(network.env);
  return [
    ...plain.filter(isOfTheContract).map((name) => ({ path: ['network', 'env', name], expected: TAKEN })),
    ...secrets.flatMap(({ env }, index) => {
      const path = ['backend', 'secrets', index, 'env'];
      if (isOfTheContract(env)) return [{ path, expected: TAKEN }];
      if (plain.includes(env))
        return [{ path, expected: 'a variable that network.env does not set as well' }];
      const first = secrets.findIndex((other) => other.env === env);
      return first < index
        ? [{ path, expected: `a variable that backend.secrets[${first}] does not set as well` }]
        : [];
    }),
  ];
}

function resourceClashes({ device, network }: PodSources): readonly Clash[] {
  const clashes: Clash[] = [];
  if (device.kind === 'gpu' && device.resource === undefined)
    clashes.push({
      path: ['device', 'resource'],
      expected: 'the resource by which pods get their devices, such as nvidia.com/gpu',
    });
  if (device.resource !== undefined && Object.hasOwn(network.resources, device.resource))
    clashes.push({
      path: ['network', 'resources', device.resource],
      expected: 'another resource than device.resource, of which a pod asks for devicesPerNode',
    });
  return clashes;
}

function overlayClashes({ annotations, hostVolumes, initContainers }: PodOverlay): readonly Clash[] {
  const containers = [...TEMPLATE_CONTAINERS, ...initContainers.map(({ name }) => name)];
  return [
    ...Object.entries(annotations).flatMap(([key, value]) => annotationClash(key, value, containers)),
    ...repeated(
      hostVolumes.map(({ name }) => name),
      (name) => TEMPLATE_VOLUMES.includes(name) || name.startsWith(claimVolume(0).slice(0, -1)),
      'a name that no other volume of the pod has',
    ).map(({ index, expected }) => ({ path: ['hostVolumes', index, 'name'], expected })),
    ...repeated(
      initContainers.map(({ name }) => name),
      (name) => TEMPLATE_CONTAINERS.includes(name),
      'a name that no other container of the pod has',
    ).map(({ index, expected }) => ({ path: ['initContainers', index, 'name'], expected })),
    ...(JSON.stringify(annotations).length > LONGEST_ANNOTATIONS
      ? [{ path: ['annotations'], expected: 'less than 200,000 characters in all' }]
      : []),
  ];
}

/** The API server takes 256 KiB of keys and values, and Stint and controllers add to them. */
const LONGEST_ANNOTATIONS = 200_000;

function repeated(names: readonly string[], isTaken: (name: string) => boolean, expected: string) {
  return names.flatMap((name, index) =>
    isTaken(name) || names.indexOf(name) < index ? [{ index, expected }] : [],
  );
}

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** Annotations whose values the API server reads itself. */
function annotationClash(key: string, value: string, containers: readonly string[]): readonly Clash[] {
  const path = ['annotations', key];
  if (isWrittenByOthers(key)) return [{ path, expected: 'an annotation that nobody else writes' }];
  if (key === 'controller.kubernetes.io/pod-deletion-cost' && !/^(0|-?[1-9]\d{0,8})$/.test(value))
    return [{ path, expected: 'a whole number' }];
  if (!key.startsWith(APPARMOR)) return [];
  if (!containers.includes(key.slice(APPARMOR.length)))
    return [{ path, expected: `the name of a container of the pod: ${containers.join(', ')}` }];
  return /^(runtime\/default|unconfined|localhost\/.+)$/.test(value)
    ? []
    : [{ path, expected: 'runtime/default, unconfined or localhost/PROFILE' }];
}
