import { counted, listed } from '../../units/counted.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterFindings, FlavorFinding, NodeFinding, QueueFindings } from '../cluster-findings.ts';
import { unseen, valueOf } from '../found.ts';
import type { ClusterNeeds } from '../needs.ts';
import { explainObstacles, hasLabels, obstaclesOn, podsOn } from '../node-room.ts';
import { checkProcessorNodes } from './check-processor-nodes.ts';
import { deviceFlavors } from './check-quota.ts';
import { checkSharedNodes } from './check-shared-nodes.ts';

type Seen = Pick<ClusterFindings, 'nodes' | 'queue'>;

/** Every pod of a run finds a node: those with devices on the nodes that the profile means, the others on any. */
export function checkNodes(needs: ClusterNeeds, { nodes, queue }: Seen): readonly Check[] {
  if (nodes.is === 'absent') return [];
  if (nodes.is !== 'there') return [unseen('nodes', 'nodes, devices and taints', nodes)];
  return [...checkDeviceNodes(needs, nodes.value, queue), checkProcessorNodes(needs, nodes.value)];
}

function checkDeviceNodes(
  needs: ClusterNeeds,
  nodes: readonly NodeFinding[],
  queue: QueueFindings | undefined,
): readonly Check[] {
  const meant = nodes.filter((node) => isMeant(node, needs));
  if (meant.length === 0) return [noneMeant(nodes, needs)];
  const flavors = flavorsOf(needs, queue);
  const matching = meant.filter((node) =>
    flavors.some(({ nodeLabels }) => hasLabels(node.labels, nodeLabels)),
  );
  if (matching.length === 0) return [otherFlavor(meant, flavors, needs)];
  const tolerations = [...needs.tolerations, ...flavors.flatMap((flavor) => flavor.tolerations)];
  return [
    checkRoom(matching, needs, tolerations),
    ...checkLevel(matching, needs),
    ...checkSharedNodes(matching, needs, queue),
  ];
}

/** A profile without a selector means every node that has its device. */
const isMeant = ({ labels, allocatable }: NodeFinding, { nodeSelector, deviceResource }: ClusterNeeds) =>
  hasLabels(labels, nodeSelector) &&
  (Object.keys(nodeSelector).length > 0 ||
    deviceResource === undefined ||
    (allocatable[deviceResource] ?? 0) > 0);

const ANY: FlavorFinding = { nodeLabels: {}, tolerations: [], topology: undefined };

/** Admission adds the labels and tolerations of a flavor to the pods. */
function flavorsOf(needs: ClusterNeeds, queue: QueueFindings | undefined): readonly FlavorFinding[] {
  const names = deviceFlavors(valueOf(queue?.cluster)?.groups ?? [], needs);
  const known = names.flatMap((name) => valueOf(queue?.flavors[name]) ?? []);
  return known.length > 0 ? known : [ANY];
}

function noneMeant(nodes: readonly NodeFinding[], { nodeSelector, deviceResource }: ClusterNeeds): Check {
  const keys = Object.keys(nodeSelector);
  const wanted = labelText(nodeSelector);
  const resource = deviceResource ?? 'cpu';
  const having = nodes.filter(({ allocatable }) => (allocatable[resource] ?? 0) > 0);
  const what =
    keys.length === 0
      ? `none of ${counted(nodes.length, 'node')} has ${resource} to give`
      : `none of ${counted(nodes.length, 'node')} has the label ${wanted} of backend.nodeSelector`;
  if (having.length === 0)
    return problem(
      'nodes',
      what,
      `add nodes with ${resource}, or start their device plugin; \`kubectl describe nodes\` shows what each has`,
    );
  const labels = [...new Set(having.map((node) => labelText(node.labels, keys)))];
  return problem(
    'nodes',
    what,
    `correct backend.nodeSelector: nodes with ${resource} have ${listed(labels.filter(Boolean)) || `none of these labels (${listed(having.map(({ name }) => name))})`}\nkubectl get nodes --show-labels`,
  );
}

const labelText = (labels: Readonly<Record<string, string>>, keys = Object.keys(labels)): string =>
  keys
    .filter((key) => labels[key] !== undefined)
    .map((key) => `${key}=${labels[key]}`)
    .join(', ');

function otherFlavor(
  meant: readonly NodeFinding[],
  flavors: readonly FlavorFinding[],
  { queue }: ClusterNeeds,
): Check {
  const labels = flavors.map(({ nodeLabels }) => labelText(nodeLabels));
  return problem(
    'nodes',
    `the queue ${queue?.name} gives pods nodes with ${labels.join(' or ')}, and ${listed(meant.map(({ name }) => name))} of backend.nodeSelector have no such label`,
    'name a queue for these nodes in backend.queue, or make backend.nodeSelector and the ResourceFlavor agree',
  );
}

function checkRoom(
  nodes: readonly NodeFinding[],
  needs: ClusterNeeds,
  tolerations: FlavorFinding['tolerations'],
): Check {
  const judged = nodes.map((node) => ({ node, obstacles: obstaclesOn(node, needs.perPod, tolerations) }));
  const free = judged.filter(({ obstacles }) => obstacles.length === 0);
  const room = free.reduce((sum, { node }) => sum + podsOn(node, needs), 0);
  const asks = `${needs.perPod[needs.deviceResource ?? 'cpu']} ${needs.deviceResource ?? 'cpu'}`;
  const said = `${counted(nodes.length, 'node')} of the profile's kind with room for ${counted(room, 'pod')} of ${asks} when empty; a run has ${needs.pods}`;
  const blocked = judged.filter(({ obstacles }) => obstacles.length > 0);
  if (blocked.length === 0 && room >= needs.pods) return ok('nodes', said);
  const { what, todo } = explainObstacles(blocked);
  const whole = `${said}${what && `; ${what}`}`;
  return room >= needs.pods
    ? warning('nodes', whole, todo)
    : problem('nodes', whole, todo || 'add nodes, or ask for fewer in the profile (nodes, devicesPerNode)');
}

/** Pods can be placed by a level only on nodes that carry its label. */
function checkLevel(nodes: readonly NodeFinding[], { queue }: ClusterNeeds): readonly Check[] {
  const level = queue?.topology?.level;
  if (level === undefined) return [];
  const without = nodes.filter(({ labels }) => labels[level] === undefined).map(({ name }) => name);
  if (without.length === 0) return [ok('level', `every such node says its ${level}`)];
  const what = `${listed(without)} ${without.length === 1 ? 'has' : 'have'} no label ${level}, so no run is placed there`;
  const todo = `kubectl label node ${without.slice(0, 6).join(' ')} ${level}=BLOCK\nor name a level in backend.queue.topology.level that the nodes have`;
  return [without.length === nodes.length ? problem('level', what, todo) : warning('level', what, todo)];
}
