import { expect, it } from 'vitest';
import { checkQuota } from '../../../orchestrator/doctor/checks/check-quota.ts';
import type { ClusterQueueFinding } from '../../../orchestrator/doctor/cluster-findings.ts';
import { clusterQueue, NEEDS } from '../fixtures.ts';

/** The fixture's queue with other quotas; without a resource where it is undefined. */
function quota(
  change: Readonly<Record<string, number | undefined>>,
  more: Partial<ClusterQueueFinding> = {},
) {
  const [group] = clusterQueue().groups;
  const [flavor] = group?.flavors ?? [];
  const all = Object.entries({ ...flavor?.quota, ...change }).filter(([, value]) => value !== undefined);
  const left = Object.fromEntries(all) as Record<string, number>;
  const groups = [
    { resources: Object.keys(left), flavors: [{ name: 'h100', quota: left, used: { 'nvidia.com/gpu': 8 } }] },
  ];
  return checkQuota(NEEDS, clusterQueue({ groups, ...more }));
}

it('says how much of it a run takes, what is in use and who waits', () => {
  expect(quota({}, { pendingWorkloads: 3 })).toEqual([
    {
      name: 'quota',
      level: 'ok',
      what: 'a run takes 16 nvidia.com/gpu of 16 in ClusterQueue h100 (8 in use now, 3 waiting)',
    },
  ]);
});

it.each([
  ['nvidia.com/gpu', 15, '16', '15'],
  ['cpu', 219, '220', '219'],
  ['memory', 1023 * 2 ** 30, '1920Gi', '1023Gi'],
  ['rdma/ib', 0, '2', '0'],
])('refuses too little %s', (resource, has, wanted, had) => {
  expect(quota({ [resource]: has })).toEqual([
    {
      name: 'quota',
      level: 'problem',
      what: `a run of 2 pods takes ${wanted} ${resource}, and ClusterQueue h100 has a quota of ${had}: no run is ever admitted`,
      todo: `kubectl edit clusterqueue h100\nand raise nominalQuota of ${resource} to ${wanted}, or ask for fewer nodes in the profile`,
    },
  ]);
});

it('finds the resource that no group of the queue covers', () => {
  expect(quota({ 'rdma/ib': undefined })).toMatchObject([
    {
      level: 'problem',
      what: 'ClusterQueue h100 knows no rdma/ib; pods that ask for it are never admitted',
      todo: expect.stringMatching(/^kubectl edit clusterqueue h100\n.*rdma\/ib.* 2 or more/) as string,
    },
  ]);
});

it('counts on the cohort for the rest, with a warning', () => {
  expect(quota({ 'nvidia.com/gpu': 8 }, { cohort: 'all' })).toMatchObject([
    {
      level: 'warning',
      what: 'a run of 2 pods takes 16 nvidia.com/gpu, and ClusterQueue h100 has a quota of 8: a run waits until the cohort all lends the rest',
    },
  ]);
});

it('takes the largest flavor, because all pods of a run get the same', () => {
  const flavor = (name: string, gpus: number) => ({
    name,
    quota: { cpu: 999, memory: 2 ** 45, 'rdma/ib': 99, 'nvidia.com/gpu': gpus },
    used: {},
  });
  const resources = ['cpu', 'memory', 'rdma/ib', 'nvidia.com/gpu'];
  const two = (a: number, b: number) =>
    checkQuota(NEEDS, clusterQueue({ groups: [{ resources, flavors: [flavor('a', a), flavor('b', b)] }] }));
  expect(two(8, 8)).toMatchObject([{ level: 'problem' }]);
  expect(two(0, 16)).toMatchObject([{ level: 'ok' }]);
});
