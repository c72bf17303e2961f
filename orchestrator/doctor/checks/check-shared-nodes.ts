import { listed } from '../../units/counted.ts';
import { type Check, warning } from '../check.ts';
import type { NodeFinding, QueueFindings } from '../cluster-findings.ts';
import { valueOf } from '../found.ts';
import type { ClusterNeeds } from '../needs.ts';
import { podsOn } from '../node-room.ts';
import { deviceFlavors } from './check-quota.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/**
 * A flavor with a topology down to single nodes lets Kueue choose the node of each pod, and it chooses by room alone: it does
 * not know that the pods of a gang refuse to share one (`onePodPerNode`), and they then wait for ever.
 */
export function checkSharedNodes(
  nodes: readonly NodeFinding[],
  needs: ClusterNeeds,
  queue: QueueFindings | undefined,
): readonly Check[] {
  if (!needs.onePodPerNode || needs.pods < 2 || queue === undefined) return [];
  const names = deviceFlavors(valueOf(queue.cluster)?.groups ?? [], needs);
  const topology = names
    .map((name) => valueOf(queue.flavors[name])?.topology)
    .find((each) => each !== undefined && valueOf(queue.topologies[each])?.at(-1) === HOSTNAME);
  const roomy = nodes.filter((node) => podsOn(node, { ...needs, onePodPerNode: false }) > 1);
  if (topology === undefined || roomy.length === 0) return [];
  return [
    warning(
      'topology',
      `${listed(roomy.map(({ name }) => name))} ${roomy.length === 1 ? 'has' : 'have'} room for several pods of a run, and Kueue places them there by topology ${topology}, while backend.onePodPerNode keeps them apart: a run can wait for a place that it never takes`,
      'let a pod fill its node in the profile (devicesPerNode, node.cpus, node.memory), or set backend.onePodPerNode: false',
    ),
  ];
}
