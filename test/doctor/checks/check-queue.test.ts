import { expect, it } from 'vitest';
import { checkQueue } from '../../../orchestrator/doctor/checks/check-queue.ts';
import type { QueueFindings } from '../../../orchestrator/doctor/cluster-findings.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { ABSENT, clusterQueue, FORBIDDEN, NEEDS, queueFindings, troubles } from '../fixtures.ts';

const on = (change: Partial<QueueFindings>) => troubles(checkQueue(NEEDS, queueFindings(change)));
const UNKNOWN = { is: 'unknown', why: 'its LocalQueue is not known' } as const;

it('follows the queue to its quota', () => {
  expect(checkQueue(NEEDS, queueFindings()).map(({ what }) => what)).toEqual([
    'LocalQueue team is active and leads to h100',
    'a run takes 16 nvidia.com/gpu of 16 in ClusterQueue h100 (0 in use now)',
    'WorkloadPriorityClass prod is there',
    'topology blocks of flavor h100 has the level block',
  ]);
});

it('takes a profile without a queue, and warns that runs of several pods can block each other', () => {
  expect(checkQueue({ ...NEEDS, queue: undefined, pods: 1 }, undefined)).toMatchObject([{ level: 'ok' }]);
  expect(checkQueue({ ...NEEDS, queue: undefined }, undefined)).toMatchObject([
    { level: 'warning', what: expect.stringContaining('wait for the rest') as string },
  ]);
});

it('is silent where Kueue is missing: that is told already', () => {
  expect(checkQueue(NEEDS, undefined)).toEqual([]);
});

it('names the queues that there are in place of one that is not, or makes it', () => {
  expect(on({ local: ABSENT, cluster: UNKNOWN, locals: ['a', 'b'] })).toEqual([
    {
      name: 'queue',
      level: 'problem',
      what: 'namespace training has no LocalQueue team',
      todo: 'name one of its queues in backend.queue: a and b',
    },
  ]);
  expect(on({ local: ABSENT, cluster: UNKNOWN, locals: [] })[0]?.todo).toBe(
    `kubectl apply -f - <<< '{"apiVersion":"kueue.x-k8s.io/v1beta2","kind":"LocalQueue","metadata":{"name":"team","namespace":"training"},"spec":{"clusterQueue":"CLUSTER_QUEUE"}}'\n\`kubectl get clusterqueues\` names the cluster queues`,
  );
});

it("says why a queue admits nothing, at the cluster's queue where that is the cause", () => {
  const stopped = { active: false, why: 'it is stopped', clusterQueue: 'h100' };
  expect(on({ local: there(stopped) })).toMatchObject([
    {
      what: 'LocalQueue team admits nothing: it is stopped',
      todo: 'kubectl describe localqueue team -n training',
    },
  ]);
  const cluster = there(clusterQueue({ active: false, why: 'flavor h100 is missing' }));
  expect(on({ local: there(stopped), cluster })).toMatchObject([
    {
      what: 'ClusterQueue h100 admits nothing: flavor h100 is missing',
      todo: 'kubectl describe clusterqueue h100',
    },
  ]);
});

it('finds a queue that leads nowhere, or that serves other namespaces', () => {
  expect(on({ cluster: ABSENT })).toMatchObject([
    { level: 'problem', what: 'LocalQueue team leads to ClusterQueue h100, which does not exist' },
  ]);
  expect(on({ cluster: there(clusterQueue({ servesNamespace: false })) })).toMatchObject([
    { level: 'problem', what: 'ClusterQueue h100 does not serve namespace training' },
  ]);
});

it('warns where quota may not be seen', () => {
  expect(on({ cluster: FORBIDDEN('get clusterqueues') })).toMatchObject([
    {
      name: 'quota',
      level: 'warning',
      what: expect.stringContaining('you may not get clusterqueues') as string,
    },
  ]);
});

it('names the priority classes that there are, or makes the one that is not', () => {
  expect(on({ priorityClass: ABSENT, priorityClasses: ['dev', 'low'] })).toEqual([
    {
      name: 'priority',
      level: 'problem',
      what: 'there is no WorkloadPriorityClass prod; a job that names it is never queued',
      todo: 'name one of these in backend.queue.priorityClass: dev and low',
    },
  ]);
  expect(on({ priorityClass: ABSENT, priorityClasses: [] })[0]?.todo).toContain(
    '"kind":"WorkloadPriorityClass"',
  );
});
