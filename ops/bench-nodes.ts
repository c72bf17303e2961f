import { KUEUE_API } from './test-cluster/build.ts';

const DEVICES_OF_NODE = 8;
const LABEL = { 'sim/bench': 'true' };

/** Simulated nodes with so many devices in all, and a queue of that size that gives them to a namespace, as one JSON list. */
export function benchNodes(namespace: string, devices: number): string {
  const nodes = Array.from({ length: Math.ceil(devices / DEVICES_OF_NODE) }, (_each, index) => node(index));
  const queue = (kind: string, spec: object, metadata: object = {}) => ({
    apiVersion: `kueue.x-k8s.io/${KUEUE_API}`,
    kind,
    metadata: { name: 'bench', ...metadata },
    spec,
  });
  const quotas = { cpu: '100k', memory: '1Pi', 'nvidia.com/gpu': String(devices) };
  const resources = Object.entries(quotas).map(([name, nominalQuota]) => ({ name, nominalQuota }));
  const items = [
    ...nodes,
    queue('ResourceFlavor', { nodeLabels: LABEL, tolerations: [{ ...TAINT, operator: 'Exists' }] }),
    queue('ClusterQueue', {
      namespaceSelector: {},
      resourceGroups: [{ coveredResources: Object.keys(quotas), flavors: [{ name: 'bench', resources }] }],
    }),
    queue('LocalQueue', { clusterQueue: 'bench' }, { namespace }),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

const TAINT = { key: 'nvidia.com/gpu', effect: 'NoSchedule' };

function node(index: number) {
  const name = `bench-${index}`;
  const room = {
    cpu: '192',
    memory: '2Ti',
    pods: '110',
    'ephemeral-storage': '7Ti',
    'nvidia.com/gpu': String(DEVICES_OF_NODE),
  };
  const labels = {
    ...LABEL,
    'sim/kwok': 'true',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints: [TAINT] },
    status: { capacity: room, allocatable: room },
  };
}
