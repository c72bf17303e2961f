import { expect, it } from 'vitest';
import { checkSharedNodes } from '../../../orchestrator/doctor/checks/check-shared-nodes.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { NEEDS, node, queueFindings } from '../fixtures.ts';

const large = node('big', { allocatable: { cpu: 250, memory: 2 ** 41, 'nvidia.com/gpu': 16, 'rdma/ib': 8 } });
const APART = { ...NEEDS, onePodPerNode: true };

it('warns where the queue may put two pods of a gang on a node and the profile keeps them apart', () => {
  expect(checkSharedNodes([large, node('n1')], APART, queueFindings())).toMatchObject([
    {
      name: 'topology',
      level: 'warning',
      what: expect.stringMatching(/^big has room for several pods .* by topology blocks/) as string,
      todo: expect.stringContaining('onePodPerNode: false') as string,
    },
  ]);
});

it('says nothing where pods may share, are alone or fill their nodes, or the queue chooses no single node', () => {
  expect(checkSharedNodes([large], NEEDS, queueFindings())).toEqual([]);
  expect(checkSharedNodes([large], { ...APART, pods: 1 }, queueFindings())).toEqual([]);
  expect(checkSharedNodes([node('n1')], APART, queueFindings())).toEqual([]);
  expect(checkSharedNodes([large], APART, undefined)).toEqual([]);
  const racks = { topologies: { blocks: there(['block', 'rack']) } };
  expect(checkSharedNodes([large], APART, queueFindings(racks))).toEqual([]);
});
