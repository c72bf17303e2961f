import { byteQuantity } from '../../render/resources.ts';
import { counted } from '../../units/counted.ts';
import { type Check, ok, problem } from '../check.ts';
import type { NodeFinding } from '../cluster-findings.ts';
import type { ClusterNeeds } from '../needs.ts';
import { explainObstacles, obstaclesOn } from '../node-room.ts';

/**
 * A node takes the pod of a stage without devices (prepare, export). It tolerates no device's taint, so that it leaves device
 * nodes to those who need them: where all nodes have one, it would wait until it is called stuck.
 */
export function checkProcessorNodes(needs: ClusterNeeds, nodes: readonly NodeFinding[]): Check {
  const { perProcessorPod, commonTolerations } = needs;
  const name = 'other stages';
  const asks = `prepare and export ask for ${perProcessorPod['cpu']} cpu and ${byteQuantity(perProcessorPod['memory'] ?? 0)} of memory without devices`;
  const judged = nodes.map((node) => ({
    node,
    obstacles: obstaclesOn(node, perProcessorPod, commonTolerations),
  }));
  const free = judged.filter(({ obstacles }) => obstacles.length === 0).length;
  if (free > 0) return ok(name, `${asks}: ${counted(free, 'node')} can take such a pod`);
  const { what, todo } = explainObstacles(judged);
  return problem(
    name,
    `${asks}, and no node takes such a pod, so no run gets past its first stage; ${what}`,
    `add a node without devices, or let these stages use the nodes there are:\n${todo}`,
  );
}
