import { listed } from '../units/counted.ts';
import type { FlavorFinding, NodeFinding, Taint } from './cluster-findings.ts';
import type { ClusterNeeds } from './needs.ts';

type Labels = Readonly<Record<string, string>>;
type Toleration = FlavorFinding['tolerations'][number];

/** Why a node takes no pod of the profile, and what a person can do about it on these nodes. */
export interface NodeObstacle {
  readonly what: string;
  readonly todo: (nodes: string) => string;
}

/** Those of Kubernetes itself say what `ready` and `cordoned` say. */
const TOLD_OTHERWISE = /^node\.kubernetes\.io\/(not-ready|unreachable|unschedulable)$/;

export const hasLabels = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

export const taintText = ({ key, value, effect }: Taint): string =>
  `${key}${value === '' ? '' : `=${value}`}:${effect}`;

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
const tolerates = (taint: Taint, tolerations: readonly Toleration[]): boolean =>
  tolerations.some(
    ({ key, operator, value, effect }) =>
      (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (operator === 'Exists' || (value ?? '') === taint.value),
  );

export function obstaclesOn(
  node: NodeFinding,
  perPod: ClusterNeeds['perPod'],
  tolerations: readonly Toleration[],
): readonly NodeObstacle[] {
  const found: NodeObstacle[] = [];
  if (!node.ready)
    found.push({
      what: `not ready${node.notReadyWhy && ` (${node.notReadyWhy})`}`,
      todo: (nodes) => `kubectl describe node ${nodes}`,
    });
  if (node.cordoned) found.push({ what: 'cordoned', todo: (nodes) => `kubectl uncordon ${nodes}` });
  for (const taint of node.taints) {
    if (taint.effect === 'PreferNoSchedule' || TOLD_OTHERWISE.test(taint.key)) continue;
    if (tolerates(taint, tolerations)) continue;
    const { key, value, effect } = taint;
    const rest = value === '' ? '' : `, operator: Equal, value: ${value}`;
    found.push({
      what: `the taint ${taintText(taint)} is not tolerated`,
      todo: () =>
        `if runs may use these nodes, add to backend.tolerations: { key: ${key}${rest}, effect: ${effect} }`,
    });
  }
  for (const [resource, wanted] of Object.entries(perPod)) {
    const has = node.allocatable[resource] ?? 0;
    if (has < wanted) found.push(shortage(resource, has, wanted));
  }
  return found;
}

function shortage(resource: string, has: number, wanted: number): NodeObstacle {
  const gib = (bytes: number) => `${Math.floor(bytes / 2 ** 30)}Gi`;
  const amount = resource === 'memory' ? gib : String;
  const extended = resource.includes('/');
  return {
    what: `${amount(has)} ${resource} allocatable, a pod asks for ${amount(wanted)}`,
    todo: (nodes) =>
      extended
        ? `see that the device plugin of ${resource} works there, or ask for less in the profile:\nkubectl describe node ${nodes}`
        : `ask for less in the profile (node.${resource === 'cpu' ? 'cpus' : resource}), or use larger nodes`,
  };
}

/** The same obstacle on many nodes is one. */
export function explainObstacles(
  blocked: readonly { readonly node: NodeFinding; readonly obstacles: readonly NodeObstacle[] }[],
): { readonly what: string; readonly todo: string } {
  const each = blocked.flatMap(({ node, obstacles }) =>
    obstacles.map((obstacle) => ({ name: node.name, ...obstacle })),
  );
  const groups = [...Map.groupBy(each, ({ what }) => what).values()];
  const lines = groups.map((group) => ({
    names: group.map(({ name }) => name),
    what: group[0]?.what ?? '',
    todo:
      group[0]?.todo(
        group
          .slice(0, 6)
          .map(({ name }) => name)
          .join(' '),
      ) ?? '',
  }));
  return {
    what: lines.map(({ names, what }) => `${listed(names)}: ${what}`).join('; '),
    todo: [...new Set(lines.map(({ todo }) => todo))].join('\n'),
  };
}

/** How many pods of the profile the node could take if it were empty. */
export const podsOn = ({ allocatable }: NodeFinding, { perPod, onePodPerNode }: ClusterNeeds): number =>
  Math.min(
    onePodPerNode ? 1 : Number.POSITIVE_INFINITY,
    ...Object.entries(perPod).map(([resource, wanted]) => Math.floor((allocatable[resource] ?? 0) / wanted)),
  );
