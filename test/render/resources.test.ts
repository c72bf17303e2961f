import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { deadlineSeconds, podCount } from '../../orchestrator/render/request.ts';
import { byteQuantity, processorShare, stageResources } from '../../orchestrator/render/resources.ts';
import { profile, request } from './requests.ts';

const on = profile('h100');
const UNITS = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 } as const;
const read = (quantity: string) => {
  const [, digits, unit = ''] = /^(\d+)(\w*)$/.exec(quantity) ?? [];
  return { digits: Number(digits), unit, bytes: Number(digits) * UNITS[unit as keyof typeof UNITS] };
};

describe('a quantity of bytes', () => {
  test('is exact, in the largest unit that divides it', () => {
    const bytes = fc
      .tuple(fc.integer({ min: 1, max: 4_095 }), fc.constantFrom(...Object.values(UNITS)))
      .map(([digits, unit]) => digits * unit);
    fc.assert(
      fc.property(bytes, (whole) => {
        const { digits, unit, bytes: same } = read(byteQuantity(whole));
        expect(same).toBe(whole);
        if (unit !== 'Pi') expect(digits % 1024).not.toBe(0);
      }),
    );
    expect([1, 1024, 3 * 2 ** 40, 5 * 2 ** 50, 1500].map(byteQuantity)).toEqual([
      '1',
      '1Ki',
      '3Ti',
      '5Pi',
      '1500',
    ]);
    expect(byteQuantity(1024.9)).toBe('1Ki');
  });
});

describe('what a stage asks for', () => {
  test('is the node where it holds devices, and else one device’s share of it', () => {
    expect(processorShare(on)).toEqual({ cpu: 12, memory: (1100 * 2 ** 30) / 8 });
    const small = { ...on, node: { ...on.node, cpus: 4, memory: 15 } };
    expect(processorShare(small)).toEqual({ cpu: 1, memory: 1 });
    expect(stageResources(request('prepare', on))).toEqual({
      requests: { cpu: '12', memory: '140800Mi' },
      limits: { memory: '140800Mi' },
    });
    expect(stageResources(request('evaluate', on))).toEqual({
      requests: { cpu: '96', memory: '1100Gi', 'nvidia.com/gpu': '8', 'rdma/ib': '1' },
      limits: { memory: '1100Gi', 'nvidia.com/gpu': '8', 'rdma/ib': '1' },
    });
  });

  test('of huge pages is written as the API server writes it, and what is no number of bytes as it is', () => {
    const resources = {
      'hugepages-2Mi': '5120Mi',
      'hugepages-1Gi': '1.5Gi',
      'vendor/nic': '4',
      'rdma/ib': 2,
    };
    const network = { ...on.network, resources } as ClusterProfile['network'];
    expect(stageResources(request('train', { ...on, network })).limits).toMatchObject({
      'hugepages-2Mi': '5Gi',
      'hugepages-1Gi': '1.5Gi',
      'vendor/nic': '4',
      'rdma/ib': '2',
    });
  });

  test('names no device where the profile has no resource for one', () => {
    const { resource: _, ...device } = on.device;
    const { limits } = stageResources(request('train', { ...on, device }));
    expect(limits).toEqual({ memory: '1100Gi', 'rdma/ib': '1' });
  });

  test('is, for training, the memory of the plan that was judged last, in whole mebibytes', () => {
    const train = request('train', on);
    const { plan } = train;
    const asked = (hostBytesPerNode: number) =>
      stageResources({
        ...train,
        judged: { ...plan, memory: { ...plan.memory, hostBytesPerNode } },
      }).requests['memory'];
    expect(asked(100 * 2 ** 30)).toBe('164Gi');
    expect(asked(100 * 2 ** 30 + 1)).toBe(`${164 * 1024 + 1}Mi`);
    expect(asked(5_000 * 2 ** 30)).toBe('1100Gi');
  });
});

describe('a stage', () => {
  test('of training has a pod on each node and ends as stuck at three times its upper estimate, any other has one', () => {
    const train = request('train', on);
    const { plan } = train;
    const within = (highSeconds: number) => ({ ...plan, duration: { ...plan.duration, highSeconds } });
    expect(podCount(train)).toBe(2);
    expect(deadlineSeconds(train)).toBe(2_700);
    expect(deadlineSeconds({ ...train, plan: within(200.1) })).toBe(601);
    expect(deadlineSeconds({ ...train, plan: within(100) })).toBe(600);
    expect(deadlineSeconds({ ...train, judged: within(1_000) })).toBe(3_000);
    for (const stage of ['prepare', 'export', 'evaluate'] as const) {
      expect(podCount(request(stage, on))).toBe(1);
      expect(deadlineSeconds(request(stage, on))).toBeUndefined();
    }
  });
});
