/** What a cluster keeps of a run, whatever this store knows of it. */
export interface Leftovers {
  readonly owners: readonly { readonly kind: string; readonly name: string }[];
  readonly pods: readonly LeftPod[];
}

export interface LeftPod {
  readonly uid: string;
  readonly name: string;
  /** Empty where no node ever took it. */
  readonly node: string;
  readonly devices: number;
  readonly alive: boolean;
  /** From its binding to its end, or until now. */
  readonly gpuMilliseconds: number;
}

/**
 * Device time of these pods that no ledger would ever have if they went now.
 *
 * @param settled - Pods whose end the ledger has, by uid.
 */
export const unsettledGpuMilliseconds = (
  { pods }: Pick<Leftovers, 'pods'>,
  settled: ReadonlySet<string>,
): number =>
  pods.reduce((sum, { uid, gpuMilliseconds }) => sum + (settled.has(uid) ? 0 : gpuMilliseconds), 0);
