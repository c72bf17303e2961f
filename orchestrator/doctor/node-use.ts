import type { Run } from '../run/state.ts';
import type { NodeFinding } from './cluster-findings.ts';
import type { ClusterNeeds } from './needs.ts';
import { hasLabels, taintText } from './node-room.ts';

/** A pod that has not ended. */
export interface PodUse {
  readonly name: string;
  readonly namespace: string;
  /** Empty while it is not bound. */
  readonly node: string;
  /** By our label; undefined for pods of others. */
  readonly run: string | undefined;
  /** As the run's recipe says, by our labels. */
  readonly team: string | undefined;
  readonly project: string | undefined;
  readonly devices: number;
  readonly terminating: boolean;
}

/** Quota that a queue holds for a job. */
export interface QuotaReservation {
  /** Of the queue's workload. */
  readonly name: string;
  readonly namespace: string;
  readonly run: string;
  readonly devices: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface Inventory {
  readonly nodes: readonly NodeFinding[];
  readonly pods: readonly PodUse[];
  /** Quota that the queue holds for our jobs in the profile's namespace. */
  readonly reservations: readonly QuotaReservation[];
  /** False where only the pods of the profile's namespace may be seen. */
  readonly seesAllPods: boolean;
}

export interface NodeUse {
  readonly name: string;
  readonly state: string;
  readonly taints: readonly string[];
  readonly devices: number;
  /** Largest first; `other` stands for the pods of others. */
  readonly holders: readonly { readonly run: string; readonly devices: number }[];
  readonly free: number;
  /** Attempts that failed by the machines while a pod of theirs was on this node. */
  readonly failures: number;
}

export interface Stray extends PodUse {
  readonly run: string;
  readonly why: 'run of another store' | 'run is at rest';
}

const OTHER = 'other';

/** Whether the profile's pods with devices may be there; without a selector it means every node that has the device. */
const isMeant = (
  { labels, allocatable }: NodeFinding,
  { nodeSelector, deviceResource = 'cpu' }: Pick<ClusterNeeds, 'nodeSelector' | 'deviceResource'>,
): boolean =>
  Object.keys(nodeSelector).length > 0
    ? hasLabels(labels, nodeSelector)
    : (allocatable[deviceResource] ?? 0) > 0;

/** Nodes that have the profile's device and are none of its own. */
export const otherNodes = (
  { nodes }: Pick<Inventory, 'nodes'>,
  needs: Pick<ClusterNeeds, 'nodeSelector' | 'deviceResource'>,
): number =>
  nodes.filter((node) => (node.allocatable[needs.deviceResource ?? 'cpu'] ?? 0) > 0 && !isMeant(node, needs))
    .length;

/** The nodes that the profile means, and who holds their devices. */
export function nodeUse(
  { nodes, pods }: Inventory,
  needs: Pick<ClusterNeeds, 'nodeSelector' | 'deviceResource'>,
  failures: ReadonlyMap<string, number>,
): readonly NodeUse[] {
  const { deviceResource = 'cpu' } = needs;
  return nodes
    .filter((node) => isMeant(node, needs))
    .map((node) => {
      const devices = node.allocatable[deviceResource] ?? 0;
      const holders = holdersOn(node.name, pods);
      const used = holders.reduce((sum, holder) => sum + holder.devices, 0);
      return {
        name: node.name,
        state: stateOf(node),
        taints: node.taints.map(taintText),
        devices,
        holders,
        free: Math.max(0, devices - used),
        failures: failures.get(node.name) ?? 0,
      };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

const stateOf = ({ ready, cordoned }: NodeFinding): string =>
  `${ready ? 'ready' : 'not ready'}${cordoned ? ', cordoned' : ''}`;

function holdersOn(node: string, pods: readonly PodUse[]): NodeUse['holders'] {
  const here = pods.filter((pod) => pod.node === node && pod.devices > 0);
  return [...Map.groupBy(here, ({ run }) => run ?? OTHER)]
    .map(([run, of]) => ({ run, devices: of.reduce((sum, pod) => sum + pod.devices, 0) }))
    .toSorted((a, b) => b.devices - a.devices || a.run.localeCompare(b.run));
}

/**
 * Pods with our label that no run at work in this store stands behind. Where the run is not known here, another store
 * launched it, and only that one can say whether it is well.
 */
export function strayPods(
  pods: readonly PodUse[],
  /** Of each run that the store knows, whether it is at rest. */
  isAtRest: ReadonlyMap<string, boolean>,
): readonly Stray[] {
  return pods.flatMap((pod) => {
    const { run } = pod;
    if (run === undefined) return [];
    const atRest = isAtRest.get(run);
    if (atRest === false) return [];
    return [{ ...pod, run, why: atRest === undefined ? 'run of another store' : 'run is at rest' } as const];
  });
}

/** `r-1 of vision/ocr`, with as much of it as the pods' labels say. */
export const runOf = ({ run, team, project }: Pick<Stray, 'run'> & Partial<PodUse>): string => {
  const whose = [team, project].filter((name) => name !== undefined).join('/');
  return whose === '' ? run : `${run} of ${whose}`;
};

/** By node: attempts that failed on it by the machine's doing, as far as anybody can tell. */
export function failuresByNode(runs: readonly Pick<Run, 'suspects'>[]): ReadonlyMap<string, number> {
  const all = runs.flatMap(({ suspects }) => suspects);
  return new Map([...Map.groupBy(all, (node) => node)].map(([node, times]) => [node, times.length]));
}
