import { rightsFor } from '../../cluster/kubernetes/inspect/rights.ts';
import type { Check } from '../../orchestrator/doctor/check.ts';
import type {
  ClusterFindings,
  ClusterQueueFinding,
  NodeFinding,
  QueueFindings,
} from '../../orchestrator/doctor/cluster-findings.ts';
import { there } from '../../orchestrator/doctor/found.ts';
import type { ClusterNeeds } from '../../orchestrator/doctor/needs.ts';

/** Two pods of eight devices each, through a queue. */
export const NEEDS: ClusterNeeds = {
  namespace: 'training',
  owner: 'jobset',
  runtimes: [],
  pods: 2,
  onePodPerNode: false,
  perPod: { cpu: 110, memory: 960 * 2 ** 30, 'nvidia.com/gpu': 8, 'rdma/ib': 1 },
  perProcessorPod: { cpu: 13, memory: 120 * 2 ** 30 },
  commonTolerations: [],
  deviceResource: 'nvidia.com/gpu',
  nodeSelector: { gpu: 'H100' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  queue: { name: 'team', priorityClass: 'prod', topology: { level: 'block' } },
  serviceAccount: 'trainer',
  images: [`registry.example.com/trainer@sha256:${'ab'.repeat(32)}`],
  workClaim: 'work',
  storageClass: 'shared',
  otherClaims: ['data'],
  secrets: ['hub'],
  workFolder: '/mnt/work',
  podSecurity: 'restricted',
};

export const node = (name: string, change: Partial<NodeFinding> = {}): NodeFinding => ({
  name,
  labels: { gpu: 'H100', block: 'b0' },
  ready: true,
  notReadyWhy: '',
  cordoned: false,
  taints: [{ key: 'nvidia.com/gpu', value: '', effect: 'NoSchedule' }],
  allocatable: { cpu: 192, memory: 2 ** 41, 'nvidia.com/gpu': 8, 'rdma/ib': 8 },
  ...change,
});

/** For the stages without devices. */
export const PLAIN = node('plain', { labels: {}, taints: [], allocatable: { cpu: 16, memory: 2 ** 37 } });

const QUOTA = { cpu: 384, memory: 2 ** 42, 'nvidia.com/gpu': 16, 'rdma/ib': 16 };

export const clusterQueue = (change: Partial<ClusterQueueFinding> = {}): ClusterQueueFinding => ({
  name: 'h100',
  active: true,
  why: '',
  cohort: undefined,
  servesNamespace: true,
  pendingWorkloads: 0,
  groups: [
    {
      resources: Object.keys(QUOTA),
      flavors: [{ name: 'h100', quota: QUOTA, used: { 'nvidia.com/gpu': 0 } }],
    },
  ],
  ...change,
});

export const queueFindings = (change: Partial<QueueFindings> = {}): QueueFindings => ({
  api: 'kueue.x-k8s.io/v1beta2',
  local: there({ active: true, why: '', clusterQueue: 'h100' }),
  locals: ['team'],
  cluster: there(clusterQueue()),
  flavors: { h100: there({ nodeLabels: { gpu: 'H100' }, tolerations: [], topology: 'blocks' }) },
  topologies: { blocks: there(['block', 'kubernetes.io/hostname']) },
  priorityClass: there(true),
  priorityClasses: ['prod'],
  ...change,
});

const claim = (mode: string) =>
  there({ phase: 'Bound', accessModes: [mode], storageClass: 'shared', capacity: '10Ti' });

/** A cluster on which everything that NEEDS names is there and works. */
export const WELL: ClusterFindings = {
  server: 'https://api.example.com',
  version: 'v1.36.3',
  user: there('ann'),
  apis: there(['batch/v1', 'jobset.x-k8s.io/v1alpha2', 'kueue.x-k8s.io/v1beta2', 'kueue.x-k8s.io/v1beta1']),
  rights: there(rightsFor(NEEDS).map((right) => ({ right, allowed: true }))),
  namespace: there({
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    terminating: false,
  }),
  serviceAccount: there(true),
  claims: { work: claim('ReadWriteMany'), data: claim('ReadOnlyMany') },
  storageClasses: there([{ name: 'shared', provisioner: 'nfs.example.com', bindsOnFirstUse: false }]),
  secrets: { hub: there(true) },
  queue: queueFindings(),
  runtimes: {},
  nodes: there([node('n1'), node('n2'), PLAIN]),
  dryRuns: [{ kind: 'ConfigMap' }, { kind: 'JobSet', heldBack: true }, { kind: 'Pod' }],
  workFolder: { trouble: null },
};

/** What is not well, as it is told. */
export const troubles = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ level }) => level !== 'ok');

export const FORBIDDEN = (right: string) => ({ is: 'forbidden', right }) as const;
export const ABSENT = { is: 'absent' } as const;
