import type { Problem } from '../errors/stint-error.ts';
import type { Found } from './found.ts';
import type { Right } from './rights.ts';

/** What was seen of a cluster at one time. Quantities are in Kubernetes' base units. */
export interface ClusterFindings {
  readonly server: string;
  /** As the server says it, for example `v1.36.3`. */
  readonly version: string;
  readonly user: Found<string>;
  /** `group/version` of each API that is served. */
  readonly apis: Found<readonly string[]>;
  readonly rights: Found<readonly RightFinding[]>;
  readonly namespace: Found<NamespaceFinding>;
  readonly serviceAccount: Found<unknown>;
  readonly claims: Readonly<Record<string, Found<ClaimFinding>>>;
  readonly storageClasses: Found<readonly StorageClassFinding[]>;
  readonly secrets: Readonly<Record<string, Found<unknown>>>;
  /** Undefined where the profile names no queue, or Kueue is not there. */
  readonly queue: QueueFindings | undefined;
  /** By name: specifications of the ClusterTrainingRuntimes that the profile's TrainJobs name. */
  readonly runtimes: Readonly<Record<string, Found<unknown>>>;
  readonly nodes: Found<readonly NodeFinding[]>;
  readonly dryRuns: readonly DryRun[];
  /** Undefined where the profile names none; null when all is well. */
  readonly workFolder: { readonly trouble: string | null } | undefined;
}

/** Without an answer of the server nothing else can be known. */
export type Unreached = { readonly unreached: readonly Problem[] };

export interface RightFinding {
  readonly right: Right;
  readonly allowed: boolean;
}

type Labels = Readonly<Record<string, string>>;

export interface NamespaceFinding {
  readonly labels: Labels;
  readonly terminating: boolean;
}

export interface ClaimFinding {
  readonly phase: string;
  readonly accessModes: readonly string[];
  readonly storageClass: string | undefined;
  readonly capacity: string | undefined;
}

export interface StorageClassFinding {
  readonly name: string;
  readonly provisioner: string;
  readonly bindsOnFirstUse: boolean;
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface NodeFinding {
  readonly name: string;
  readonly labels: Labels;
  readonly ready: boolean;
  /** The kubelet's or the controller's words; empty while all is well. */
  readonly notReadyWhy: string;
  readonly cordoned: boolean;
  readonly taints: readonly Taint[];
  readonly allocatable: Readonly<Record<string, number>>;
}

/** What a queue says of itself. */
export interface Active {
  readonly active: boolean;
  readonly why: string;
}

export interface QueueFindings {
  /** `group/version` of Kueue that was spoken. */
  readonly api: string;
  readonly local: Found<Active & { readonly clusterQueue: string }>;
  /** Names of the queues of the namespace. */
  readonly locals: readonly string[];
  readonly cluster: Found<ClusterQueueFinding>;
  /** By name: the flavors of the cluster queue. */
  readonly flavors: Readonly<Record<string, Found<FlavorFinding>>>;
  /** By name: node labels of a topology's levels, the widest first. */
  readonly topologies: Readonly<Record<string, Found<readonly string[]>>>;
  /** Undefined where the profile names none. */
  readonly priorityClass: Found<unknown> | undefined;
  readonly priorityClasses: readonly string[];
}

export interface ClusterQueueFinding extends Active {
  readonly name: string;
  readonly cohort: string | undefined;
  /** False when the queue says which namespaces it serves and ours is not among them. */
  readonly servesNamespace: boolean;
  readonly pendingWorkloads: number;
  readonly groups: readonly QuotaGroup[];
}

/** Pods take all resources of a group from one flavor. */
export interface QuotaGroup {
  readonly resources: readonly string[];
  readonly flavors: readonly {
    readonly name: string;
    readonly quota: Readonly<Record<string, number>>;
    readonly used: Readonly<Record<string, number>>;
  }[];
}

export interface FlavorFinding {
  readonly nodeLabels: Labels;
  readonly tolerations: readonly {
    readonly key?: string | undefined;
    readonly operator?: string | undefined;
    readonly value?: string | undefined;
    readonly effect?: string | undefined;
  }[];
  readonly topology: string | undefined;
}

/** What the server said to an object as a launch would create it; it was not stored. */
export interface DryRun {
  readonly kind: string;
  readonly refused?: Problem;
  /** Whether the queue's controller held back an object that names a queue; undefined where none is named. */
  readonly heldBack?: boolean;
}
