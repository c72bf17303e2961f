import type { ClusterFindings, Unreached } from '../doctor/cluster-findings.ts';
import type { MachineFindings } from '../doctor/diagnose-machine.ts';
import type { DryRunObject } from '../doctor/dry-run-objects.ts';
import type { Leftovers } from '../doctor/leftovers.ts';
import type { ClusterNeeds } from '../doctor/needs.ts';
import type { Inventory } from '../doctor/node-use.ts';
import type { KubernetesBackend } from '../profile/kubernetes-backend.ts';

/** What a cluster keeps of a run, and how to take it away without settling it. */
export interface LeftOnCluster {
  readonly find: () => Promise<Leftovers>;
  /** The records of pods go when `ended` has come. */
  readonly release: (ended?: () => Promise<void>) => Promise<void>;
}

/** What can be asked of a place where runs work, beyond the runs themselves. */
export interface Surveyor {
  /** What of its needs the cluster has just now, and whether it would take these objects. */
  readonly surveyCluster: (
    backend: KubernetesBackend,
    needs: ClusterNeeds,
    objects: readonly DryRunObject[],
  ) => Promise<ClusterFindings | Unreached>;
  /** What this machine has for runs of the local backend. */
  readonly surveyMachine: () => Promise<MachineFindings>;
  /** The cluster's nodes and the pods on them. @throws StintError when they cannot be seen. */
  readonly readInventory: (
    backend: KubernetesBackend,
    deviceResource: string | undefined,
  ) => Promise<Inventory>;
  readonly leftovers: (
    backend: KubernetesBackend,
    deviceResource: string | undefined,
    run: string,
  ) => LeftOnCluster;
}
