import { describe, expect, it } from 'vitest';
import { checkNodes } from '../../../orchestrator/doctor/checks/check-nodes.ts';
import type { NodeFinding } from '../../../orchestrator/doctor/cluster-findings.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import type { ClusterNeeds } from '../../../orchestrator/doctor/needs.ts';
import { NEEDS, node, PLAIN, queueFindings, troubles, WELL } from '../fixtures.ts';

const on = (nodes: readonly NodeFinding[], needs: Partial<ClusterNeeds> = {}) =>
  troubles(checkNodes({ ...NEEDS, ...needs }, { nodes: there(nodes), queue: WELL.queue })).filter(
    ({ name }) => name !== 'other stages',
  );

it('says how many there are and how many pods they take', () => {
  expect(checkNodes(NEEDS, WELL)[0]).toEqual({
    name: 'nodes',
    level: 'ok',
    what: "2 nodes of the profile's kind with room for 2 pods of 8 nvidia.com/gpu when empty; a run has 2",
  });
});

it('counts as many pods on a node as fit', () => {
  const large = node('n1', {
    allocatable: { cpu: 250, memory: 2 ** 41, 'nvidia.com/gpu': 16, 'rdma/ib': 8 },
  });
  expect(on([large])).toEqual([]);
  expect(on([large], { onePodPerNode: true })[0]).toMatchObject({
    level: 'problem',
    what: expect.stringContaining('with room for 1 pod of 8') as string,
  });
});

describe('when no node has the labels', () => {
  it('shows those of the nodes that have the device', () => {
    expect(on([node('n1', { labels: { gpu: 'A100' } }), node('n2', { labels: { gpu: 'A100' } })])).toEqual([
      {
        name: 'nodes',
        level: 'problem',
        what: 'none of 2 nodes has the label gpu=H100 of backend.nodeSelector',
        todo: 'correct backend.nodeSelector: nodes with nvidia.com/gpu have gpu=A100\nkubectl get nodes --show-labels',
      },
    ]);
    expect(on([node('n1', { labels: {} })])[0]?.todo).toContain('have none of these labels (n1)');
  });

  it('says that no node has the device at all', () => {
    expect(on([node('n1', { labels: {}, allocatable: { cpu: 4 } })])).toMatchObject([
      { level: 'problem', todo: expect.stringContaining('start their device plugin') as string },
    ]);
    expect(on([node('n1', { allocatable: { cpu: 4 } })], { nodeSelector: {} })).toMatchObject([
      { what: 'none of 1 node has nvidia.com/gpu to give' },
    ]);
  });
});

describe('names what keeps a node from taking a pod, and its mending', () => {
  it.each<[string, Partial<NodeFinding>, string, string]>([
    [
      'that it is not ready',
      { ready: false, notReadyWhy: 'kubelet stopped posting node status' },
      'n2: not ready (kubelet stopped posting node status)',
      'kubectl describe node n2',
    ],
    ['that it is cordoned', { cordoned: true }, 'n2: cordoned', 'kubectl uncordon n2'],
    [
      'a taint',
      { taints: [{ key: 'team', value: 'vision', effect: 'NoSchedule' }] },
      'n2: the taint team=vision:NoSchedule is not tolerated',
      'add to backend.tolerations: { key: team, operator: Equal, value: vision, effect: NoSchedule }',
    ],
    [
      'devices that are missing',
      { allocatable: { cpu: 192, memory: 2 ** 41, 'nvidia.com/gpu': 7, 'rdma/ib': 8 } },
      'n2: 7 nvidia.com/gpu allocatable, a pod asks for 8',
      'the device plugin of nvidia.com/gpu works there',
    ],
    [
      'a network that is missing',
      { allocatable: { cpu: 192, memory: 2 ** 41, 'nvidia.com/gpu': 8 } },
      'n2: 0 rdma/ib allocatable, a pod asks for 1',
      'the device plugin of rdma/ib works there',
    ],
    [
      'too little memory',
      { allocatable: { cpu: 192, memory: 512 * 2 ** 30, 'nvidia.com/gpu': 8, 'rdma/ib': 8 } },
      'n2: 512Gi memory allocatable, a pod asks for 960Gi',
      'ask for less in the profile (node.memory)',
    ],
    [
      'too few processors',
      { allocatable: { cpu: 96, memory: 2 ** 41, 'nvidia.com/gpu': 8, 'rdma/ib': 8 } },
      'n2: 96 cpu allocatable, a pod asks for 110',
      'ask for less in the profile (node.cpus)',
    ],
  ])('%s', (_, change, what, todo) => {
    const expected = {
      name: 'nodes',
      what: expect.stringContaining(what) as string,
      todo: expect.stringContaining(todo) as string,
    };
    const bad = node('n2', change);
    expect(on([node('n1'), bad])).toMatchObject([{ level: 'problem', ...expected }]);
    // Enough others are there.
    expect(on([node('n1'), bad, node('n3')])).toMatchObject([{ level: 'warning', ...expected }]);
  });

  it('once for many nodes', () => {
    const many = Array.from({ length: 8 }, (_, index) => node(`n${index}`, { cordoned: true }));
    const [check] = on(many);
    expect(check?.what).toContain('n0, n1, n2, n3, n4, n5 and 2 more: cordoned');
    expect(check?.todo).toBe('kubectl uncordon n0 n1 n2 n3 n4 n5');
  });

  it('and does not tell what a taint of Kubernetes itself repeats', () => {
    const taints = [
      { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' },
      { key: 'soft', value: '', effect: 'PreferNoSchedule' },
    ];
    expect(on([node('n1'), node('n2', { taints })])).toEqual([]);
  });
});

describe('tolerations', () => {
  const tainted = [node('n1'), node('n2', { taints: [{ key: 'a', value: 'b', effect: 'NoExecute' }] })];
  it.each([
    [{ key: 'a', operator: 'Exists' }, true],
    [{ key: 'a', operator: 'Equal', value: 'b' }, true],
    [{ key: 'a', operator: 'Equal', value: 'c' }, false],
    [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }, true],
    [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }, false],
    [{ key: 'x', operator: 'Exists' }, false],
  ] as const)('%j covers a=b:NoExecute: %s', (toleration, covers) => {
    expect(on(tainted, { tolerations: [...NEEDS.tolerations, toleration] }).length === 0).toBe(covers);
  });

  it('of a flavor count, because admission adds them', () => {
    const tolerations = [{ operator: 'Exists' }];
    const flavors = { h100: there({ nodeLabels: {}, tolerations, topology: 'blocks' }) };
    const seen = { nodes: there([...tainted, PLAIN]), queue: queueFindings({ flavors }) };
    expect(troubles(checkNodes(NEEDS, seen))).toEqual([]);
  });
});

it('finds a queue that gives pods other nodes than the profile means', () => {
  const flavors = { h100: there({ nodeLabels: { pool: 'a' }, tolerations: [], topology: 'blocks' }) };
  const seen = { nodes: WELL.nodes, queue: queueFindings({ flavors }) };
  expect(troubles(checkNodes(NEEDS, seen))).toMatchObject([
    {
      level: 'problem',
      what: 'the queue team gives pods nodes with pool=a, and n1 and n2 of backend.nodeSelector have no such label',
    },
  ]);
});

it('wants the label of the topology level on the nodes', () => {
  const bare = node('n2', { labels: { gpu: 'H100' } });
  expect(on([node('n1'), bare])).toMatchObject([
    {
      name: 'level',
      level: 'warning',
      what: 'n2 has no label block, so no run is placed there',
      todo: expect.stringMatching(/^kubectl label node n2 block=BLOCK\n/) as string,
    },
  ]);
  expect(on([bare, { ...bare, name: 'n3' }])).toMatchObject([{ name: 'level', level: 'problem' }]);
});
