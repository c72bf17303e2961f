import { describe, expect, it } from 'vitest';
import { gangSize } from '../../cluster/kubernetes/objects/gang-size.ts';
import { jobFacts, type Surroundings } from '../../cluster/kubernetes/objects/job-facts.ts';
import { jobState, ownerObjectOf } from '../../cluster/kubernetes/objects/job-state.ts';
import { PodSchema } from '../../cluster/kubernetes/objects/pod.ts';
import { JOB_UID, placesInQueue, workloadOf } from '../../cluster/kubernetes/objects/workload.ts';

const T0 = '2026-11-23T00:52:00Z';
const T1 = '2026-11-23T00:52:29Z';
const T2 = '2026-11-23T00:52:36Z';
const condition = (type: string, status: string, reason = '', message = '', lastTransitionTime = T1) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime,
});
type Condition = ReturnType<typeof condition>;

const QUEUED = { 'kueue.x-k8s.io/queue-name': 'q' };
const owner = (
  conditions: readonly Condition[] = [],
  { labels = QUEUED, suspend = false, ...metadata }: Record<string, unknown> = {},
) =>
  ownerObjectOf({
    kind: 'JobSet',
    metadata: { uid: 'u1', name: 'r1-train-a1', labels, creationTimestamp: T0, ...metadata },
    spec: { suspend },
    status: { conditions },
  });
const workload = (
  conditions: readonly Condition[] = [],
  { name = 'w1', active = true, priority = 0, created = T0, queue = 'q' } = {},
) =>
  workloadOf({
    metadata: { name, labels: { [JOB_UID]: 'u1' }, creationTimestamp: created },
    spec: { queueName: queue, active, priority },
    status: { conditions },
  });
const state = (own: ReturnType<typeof owner>, work?: ReturnType<typeof workload>) =>
  jobState(own, work, ({ metadata: { name } }) => placesInQueue('q', work ? [work] : []).get(name) ?? '');

const NOTHING: Surroundings = {
  workloadOf: () => undefined,
  placeOf: () => '',
  unboundOf: () => [],
  refusalsOf: () => [],
};
const ADMITTED = [condition('QuotaReserved', 'True'), condition('Admitted', 'True')];

describe('where a job stands', () => {
  it.each([
    ['succeeded', condition('Completed', 'True', 'AllJobsCompleted')],
    ['succeeded', condition('Complete', 'True', 'CompletionsReached')],
    ['failed', condition('Failed', 'True', 'ReachedMaxRestarts', 'too often')],
  ])('%s by its own word, whatever its queue says', (expected, said) => {
    const { reason, message } = said;
    expect(state(owner([said]), workload([], { active: false }))).toMatchObject({
      state: expected,
      reason,
      message,
    });
  });

  it('is held when somebody has deleted it, and its finalizer keeps it', () => {
    expect(state(owner([], { deletionTimestamp: T1 }), workload(ADMITTED))).toMatchObject({
      state: 'held',
      reason: 'Deleted',
      since: Date.parse(T1),
    });
  });

  it('is waiting before Kueue knows it, in its place with a reason, and until it is admitted', () => {
    expect(state(owner())).toMatchObject({ state: 'waiting', reason: 'NoWorkload' });
    const pending = workload([condition('QuotaReserved', 'False', 'Pending', '16 more needed')]);
    expect(state(owner(), pending)).toMatchObject({
      state: 'waiting',
      message: '1st of 1 in queue q: 16 more needed',
      since: Date.parse(T1),
    });
    expect(state(owner(), workload(ADMITTED.slice(0, 1))).state).toBe('waiting');
    expect(state(owner(), workload(ADMITTED))).toEqual({
      state: 'active',
      reason: '',
      message: '',
      since: Date.parse(T1),
    });
  });

  it('is waiting in the queue’s words from the moment that it is taken back, quota or not', () => {
    const evicted = condition('Evicted', 'True', 'Preempted', 'for another');
    const still = state(owner(), workload([...ADMITTED, evicted]));
    expect(still).toMatchObject({ state: 'waiting', message: 'for another' });
    expect(still.takenBack).toEqual({ reason: 'Preempted', message: 'for another', since: Date.parse(T1) });
  });

  it('remembers that it was taken back when it is admitted again, and when it is over', () => {
    const history = [
      condition('Evicted', 'False', 'QuotaReserved', 'Previously: for another', T2),
      condition('Requeued', 'True', 'Preempted', 'for another', T1),
    ];
    const takenBack = {
      reason: 'Preempted',
      message: 'for another',
      since: Date.parse(T1),
      until: Date.parse(T2),
    };
    expect(state(owner(), workload([...ADMITTED, ...history]))).toMatchObject({ state: 'active', takenBack });
    const done = owner([condition('Completed', 'True')]);
    expect(state(done, workload([...ADMITTED, ...history]))).toMatchObject({ state: 'succeeded', takenBack });
  });

  it('is held when its workload is deactivated, by whom Kueue says', () => {
    const evicted = condition('Evicted', 'True', 'DeactivatedDueToMaximumExecutionTimeExceeded', 'too long');
    expect(state(owner(), workload([evicted], { active: false }))).toMatchObject({
      state: 'held',
      reason: 'DeactivatedDueToMaximumExecutionTimeExceeded',
      message: 'too long',
    });
    expect(state(owner(), workload([], { active: false }))).toMatchObject({
      state: 'held',
      reason: 'Deactivated',
    });
  });

  it('without a queue is at work unless it is suspended', () => {
    expect(state(owner([], { labels: {} })).state).toBe('active');
    expect(state(owner([], { labels: {}, suspend: true }))).toMatchObject({
      state: 'held',
      reason: 'Suspended',
    });
  });
});

describe('a place in the queue', () => {
  it('is by priority, then by age, among those of the queue that wait', () => {
    const own = workload([], { name: 'own', created: T1 });
    const all = [
      own,
      workload([], { name: 'older', created: T0 }),
      workload([], { name: 'younger', created: T2 }),
      workload([], { name: 'urgent', created: T2, priority: 10 }),
      workload(ADMITTED, { name: 'admitted' }),
      workload([condition('Finished', 'True')], { name: 'finished' }),
      workload([], { name: 'inactive', active: false }),
      workload([], { name: 'elsewhere', queue: 'other' }),
    ];
    expect([...placesInQueue('q', all)]).toEqual([
      ['urgent', '1st of 4 in queue q'],
      ['older', '2nd of 4 in queue q'],
      ['own', '3rd of 4 in queue q'],
      ['younger', '4th of 4 in queue q'],
    ]);
  });

  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [21, '21st'],
  ])('number %i is the %s', (place, ordinal) => {
    const all = Array.from({ length: place }, (_, each) => workload([], { name: `w${each + 10}` }));
    expect(placesInQueue('q', all).get(`w${place + 9}`)).toBe(`${ordinal} of ${place} in queue q`);
  });
});

describe('the size of a gang', () => {
  it.each([
    [4, { replicatedJobs: [{ template: { spec: { completions: 4 } } }] }],
    [3, { replicatedJobs: [{ template: { spec: {} } }, { template: { spec: { completions: 2 } } }] }],
    [8, { completions: 8 }],
    [2, { trainer: { numNodes: 2 } }],
    [1, { trainer: {} }],
    [1, {}],
  ])('is %i pods', (size, spec) => {
    const metadata = { uid: 'u', name: 'n', creationTimestamp: T0 };
    expect(gangSize(ownerObjectOf({ metadata, spec }))).toBe(size);
  });
});

describe('the facts of a job', () => {
  const ours = { 'stint.dev/run': 'r1', 'stint.dev/stage': 'train', 'stint.dev/attempt': '3' };
  const object = (labels: Record<string, string>) => ({
    metadata: {
      uid: 'u1',
      name: 'r1-train-a3',
      labels,
      creationTimestamp: T0,
      finalizers: ['stint.dev/usage-settled'],
    },
    spec: {},
  });
  const unbound = (name: string, metadata: object, conditions: readonly object[]) =>
    PodSchema.parse({
      metadata: {
        uid: name,
        name,
        labels: { 'stint.dev/job': 'r1-train-a3' },
        creationTimestamp: T0,
        ...metadata,
      },
      spec: { containers: [] },
      status: { conditions },
    });

  it('name its run, and its pods that no node has taken with the scheduler’s words', () => {
    const refused = [condition('PodScheduled', 'False', 'Unschedulable', '0/2 nodes are available')];
    const pods = [
      unbound('refused', {}, refused),
      unbound('new', {}, []),
      unbound('leaving', { deletionTimestamp: T1 }, refused),
    ];
    const unboundOf = (job: string) => (job === 'r1-train-a3' ? pods : []);
    expect(jobFacts(object(ours), { ...NOTHING, unboundOf })).toMatchObject({
      run: 'r1',
      launch: 3,
      retained: true,
      pending: [
        { name: 'new', since: Date.parse(T0), reason: '', message: '' },
        {
          name: 'refused',
          since: Date.parse(T1),
          reason: 'Unschedulable',
          message: '0/2 nodes are available',
        },
      ],
    });
  });

  it('are none of a job that is not a run’s', () => {
    expect(jobFacts(object({}), NOTHING)).toBeUndefined();
    expect(jobFacts(object({ ...ours, 'stint.dev/stage': 'dance' }), NOTHING)).toBeUndefined();
  });
});
