import type { KeptLogs } from '../documents/kept-logs.ts';
import type { PriceOf } from '../ledger/cost-rows.ts';
import type { Log } from '../logging/open-log.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { Lease, Store } from '../ports/store.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Templates } from '../render/templates.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Clock } from './clock.ts';
import type { RunManifests } from './run-manifests.ts';

/** All that the controller works with. `composition/compose-workplace.ts` composes it; tests compose their own. */
export interface Workplace extends Clock {
  readonly store: Store;
  readonly clusterFor: (profile: ClusterProfile) => Promise<Cluster>;
  readonly loadTemplates: () => Promise<Templates>;
  /** Where this process can read the files that a run's stages leave. */
  readonly workFolder: (run: Pick<RunRecord, 'id' | 'profile'>) => string;
  /** What code runs: a commit, with a mark when files differ from it. */
  readonly codeVersion: () => Promise<string>;
  /** What a device-hour costs, by the home's price book or what the profile lists. */
  readonly priceOf: PriceOf;
  readonly log: Log;
  /** Of pods on clusters that let them go. */
  readonly keptLogs: KeptLogs;
  /** What each run's folder keeps of its record, should the store be lost. */
  readonly manifests: RunManifests;
  /** In [0, 1). */
  readonly random: () => number;
  /** Unique to this process's life. */
  readonly owner: string;
  readonly pid: number;
  /** This machine and home, where machines share the store; null where the store is this home's own. */
  readonly host: string | null;
  /** False when the holder of a lease is known to be dead: a process of this machine that is gone. */
  readonly isAlive: (lease: Pick<Lease, 'owner'>) => boolean;
}
