import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { runtimeName } from '../render/names.ts';
import type { Owner } from '../render/owner.ts';
import { processorShare } from '../render/resources.ts';
import { kubernetesQuantity } from '../units/kubernetes-quantity.ts';

/** Pod Security Standards, the strictest first. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const POD_SECURITY = ['restricted', 'baseline', 'privileged'] as const;
export type PodSecurity = (typeof POD_SECURITY)[number];

export interface Toleration {
  readonly key: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

export interface QueueNeed {
  readonly name: string;
  readonly priorityClass?: string | undefined;
  /** Node label of the level within which all pods of a run are placed. */
  readonly topology?: { readonly level: string } | undefined;
}

/** What a profile expects of its cluster. */
export interface ClusterNeeds {
  readonly namespace: string;
  readonly owner: Owner;
  /** Names of the ClusterTrainingRuntimes of its TrainJobs; none for other owners. */
  readonly runtimes: readonly string[];
  /** Pods of a training run. */
  readonly pods: number;
  /** A node takes no two of them, whatever room it has. */
  readonly onePodPerNode: boolean;
  /** What each of them asks of its node, in Kubernetes' base units. */
  readonly perPod: Readonly<Record<string, number>>;
  /** What the pod of a stage on processors only asks for. */
  readonly perProcessorPod: Readonly<Record<string, number>>;
  /** Of every pod; those with devices tolerate their device's taint as well. */
  readonly commonTolerations: readonly Toleration[];
  /** Extended resource by which devices are counted. */
  readonly deviceResource: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly queue: QueueNeed | undefined;
  readonly serviceAccount: string;
  readonly images: readonly string[];
  readonly workClaim: string;
  /** Of the work claim, where the profile names one. */
  readonly storageClass: string | undefined;
  /** Mounted read-only. */
  readonly otherClaims: readonly string[];
  readonly secrets: readonly string[];
  /** Where this machine sees the work volume. */
  readonly workFolder: string | undefined;
  /** The strictest standard that the pods meet. */
  readonly podSecurity: PodSecurity;
}

type Kubernetes = Extract<ClusterProfile['backend'], { kind: 'kubernetes' }>;

export function needsOf(profile: ClusterProfile, backend: Kubernetes): ClusterNeeds {
  const { device, devicesPerNode, node, network } = profile;
  return {
    namespace: backend.namespace,
    owner: backend.owner,
    runtimes: backend.owner === 'trainjob' ? [true, false].map((each) => runtimeName(profile, each)) : [],
    pods: profile.nodes,
    onePodPerNode: backend.onePodPerNode,
    perPod: {
      cpu: node.cpus,
      memory: node.memory,
      ...(device.resource === undefined ? {} : { [device.resource]: devicesPerNode }),
      ...Object.fromEntries(
        Object.entries(network.resources).map(([name, wanted]) => [name, kubernetesQuantity(String(wanted))]),
      ),
    },
    perProcessorPod: processorShare(profile),
    commonTolerations: backend.tolerations,
    deviceResource: device.resource,
    nodeSelector: backend.nodeSelector,
    tolerations: [
      // Every pod with devices tolerates the taint of its device.
      ...(device.resource === undefined
        ? []
        : [{ key: device.resource, operator: 'Exists', effect: 'NoSchedule' } as const]),
      ...backend.tolerations,
    ],
    queue: backend.queue,
    serviceAccount: backend.serviceAccount,
    images: [backend.images.trainer, ...(backend.pod?.initContainers ?? []).map(({ image }) => image)],
    workClaim: backend.volumeClaim,
    storageClass: backend.storageClass,
    otherClaims: backend.volumes.map(({ claim }) => claim),
    secrets: [...new Set(backend.secrets.map(({ secret }) => secret))],
    workFolder: backend.workFolder,
    podSecurity: backend.podSecurity,
  };
}
