import { expect, it } from 'vitest';
import { checkProcessorNodes } from '../../../orchestrator/doctor/checks/check-processor-nodes.ts';
import { needsOf } from '../../../orchestrator/doctor/needs.ts';
import { loadProfile } from '../../../orchestrator/documents/load-profile.ts';
import { NEEDS, node, PLAIN } from '../fixtures.ts';

it('finds a node without devices for the stages that need none', () => {
  expect(checkProcessorNodes(NEEDS, [node('n1'), PLAIN])).toEqual({
    name: 'other stages',
    level: 'ok',
    what: 'prepare and export ask for 13 cpu and 120Gi of memory without devices: 1 node can take such a pod',
  });
});

it('says that no run gets past its first stage where every node keeps its taint for devices', () => {
  const check = checkProcessorNodes(NEEDS, [node('n1'), node('n2')]);
  expect(check).toMatchObject({
    level: 'problem',
    what: expect.stringContaining('no run gets past its first stage') as string,
  });
  expect(check.what).toContain('n1 and n2: the taint nvidia.com/gpu:NoSchedule is not tolerated');
  expect(check.todo).toContain('add to backend.tolerations: { key: nvidia.com/gpu, effect: NoSchedule }');
  const commonTolerations = [{ key: 'nvidia.com/gpu', operator: 'Exists' } as const];
  expect(checkProcessorNodes({ ...NEEDS, commonTolerations }, [node('n1')]).level).toBe('ok');
});

it('says that the nodes there are have too little for them, or are not ready', () => {
  const small = { ...PLAIN, allocatable: { cpu: 4, memory: 2 ** 30 } };
  expect(checkProcessorNodes(NEEDS, [small]).what).toContain('4 cpu allocatable, a pod asks for 13');
  expect(checkProcessorNodes(NEEDS, [{ ...PLAIN, ready: false }]).what).toContain('not ready');
});

it('asks for what the pods of these stages are rendered with', async () => {
  const profile = await loadProfile('h100-16');
  if (profile.backend.kind !== 'kubernetes') throw new Error('no Kubernetes');
  const { perProcessorPod, commonTolerations } = needsOf(profile, profile.backend);
  expect(perProcessorPod).toEqual({ cpu: 13, memory: 120 * 2 ** 30 });
  expect(commonTolerations).toEqual([]);
});
