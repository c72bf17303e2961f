import type { Clash } from './clash.ts';
import type { KubernetesBackend } from './kubernetes-backend.ts';

/** By this label a node is known by its name: what asks for one value of it asks for one node. */
const HOSTNAME = 'kubernetes.io/hostname';

/** What asks for one node for all pods of a stage, of which no two may share one: they would wait for ever. */
export function placeClashes(
  { onePodPerNode, nodeSelector, queue }: Pick<KubernetesBackend, 'onePodPerNode' | 'nodeSelector' | 'queue'>,
  nodes: number,
): readonly Clash[] {
  if (!onePodPerNode || nodes === 1) return [];
  const apart = `because the ${nodes} pods of a stage take a node each; onePodPerNode: false lets them share one`;
  return [
    ...(Object.hasOwn(nodeSelector, HOSTNAME)
      ? [{ path: ['nodeSelector', HOSTNAME], expected: `labels that ${nodes} nodes have, ${apart}` }]
      : []),
    ...(queue?.topology?.level === HOSTNAME && queue.topology.demand === 'required'
      ? [
          {
            path: ['queue', 'topology', 'level'],
            expected: `a level above single nodes, or demand: preferred, ${apart}`,
          },
        ]
      : []),
  ];
}
