import { describe, expect, it } from 'vitest';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import {
  foreseenObstacles,
  type Heartbeat,
  lasting,
  nextTurnOf,
  obstaclesOf,
  overdueOutcome,
} from '../../orchestrator/run/obstacle.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { job, pod, running } from './fixtures.ts';

const DEADLINES = { pending: 600, imagePull: 300, quotaWithoutPods: 200, nodeLost: 90, hang: 120 };
const LATE = 10_000_000;

const found = (
  pods: readonly PodFacts[],
  jobs: readonly JobFacts[] = [job()],
  { heartbeat = null, now = LATE }: { readonly heartbeat?: Heartbeat | null; readonly now?: number } = {},
) => obstaclesOf(running('train'), { jobs, pods }, DEADLINES, heartbeat, now);

const waits = { name: 'p', since: 5_000, reason: 'Unschedulable', message: '0/2 nodes are available' };

describe('an obstacle', () => {
  it.each<[string, readonly PodFacts[], readonly JobFacts[], string, number, string]>([
    [
      'a silent node',
      [pod({ startedAt: 1_000, unreachableSince: 4_000 })],
      [job()],
      'the node node-0 of r1-train-a1-0 does not answer',
      4_000 + 90_000,
      'infrastructure',
    ],
    [
      'an image that is not to be had',
      [pod({ waiting: { reason: 'ImagePullBackOff', message: 'no such image' } })],
      [job()],
      'the container of r1-train-a1-0 does not start on node-0: ImagePullBackOff: no such image',
      1_000 + 300_000,
      'configuration',
    ],
    [
      'a volume that does not come',
      [pod({ waiting: { reason: 'ContainerCreating', message: '' } })],
      [job()],
      'the container of r1-train-a1-0 does not start on node-0: ContainerCreating',
      1_000 + 600_000,
      'infrastructure',
    ],
    [
      'a pod that no node takes',
      [],
      [job({ pending: [waits] })],
      'no node takes p: 0/2 nodes are available',
      5_000 + 600_000,
      'infrastructure',
    ],
    [
      'a gate that is not lifted',
      [],
      [job({ pending: [{ ...waits, reason: 'SchedulingGated', message: 'gated' }] })],
      'p is not free to be taken by a node: gated',
      5_000 + 600_000,
      'infrastructure',
    ],
    [
      'quota without pods',
      [],
      [job({ message: 'quota exceeded' })],
      'r1-train-a1 is admitted, and there is no pod of it yet: quota exceeded',
      1_000 + 200_000,
      'infrastructure',
    ],
  ])('%s has its words and its limit', (_, pods, jobs, what, at, exitClass) => {
    const [first, ...others] = found(pods, jobs);
    expect(others).toEqual([]);
    expect(first?.what).toBe(what);
    expect(first?.limit?.at).toBe(at);
    expect(first?.limit?.outcome.exitClass).toBe(exitClass);
    expect(first?.limit?.outcome.message).toMatch(/^.*; ended after \d.* of it$/);
    const isNodes = exitClass === 'infrastructure' && pods.length > 0;
    expect(first?.limit?.outcome.nodes).toEqual(isNodes ? ['node-0'] : undefined);
  });

  it.each([
    ['InvalidImageName', 'configuration'],
    ['ErrImageNeverPull', 'configuration'],
    ['CreateContainerConfigError', 'configuration'],
    ['ErrImagePull', 'configuration'],
    ['ImagePullBackOff', 'configuration'],
    ['CreateContainerError', 'infrastructure'],
    ['PodInitializing', 'infrastructure'],
  ])('of a container that waits for %s counts as %s', (reason, exitClass) => {
    const [first] = found([pod({ waiting: { reason, message: '' } })]);
    expect(first?.limit?.outcome.exitClass).toBe(exitClass);
  });

  it('is looked at again when it begins, when people should hear of it and at its limit, and not in between', () => {
    const heartbeat = { at: 10_000, expectedSeconds: 60, step: 7 };
    const observation = { jobs: [job()], pods: [pod({ startedAt: 1 })] };
    const foreseen = foreseenObstacles(running('train'), observation, DEADLINES, heartbeat);
    const turns = [0, 70_000, 72_999, 73_000, 190_000].map((now) => nextTurnOf(foreseen, now));
    expect(turns).toEqual([70_000, 73_000, 73_000, 190_000, Number.POSITIVE_INFINITY]);
    expect(nextTurnOf([], 0)).toBe(Number.POSITIVE_INFINITY);
    const unlimited = [{ since: 5_000, what: 'waits' }];
    expect([0, 5_000, 8_000].map((now) => nextTurnOf(unlimited, now))).toEqual([
      5_000,
      8_000,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('of silence after a step is told when the step is overdue, and no sooner', () => {
    const heartbeat = { at: 10_000, expectedSeconds: 60, step: 7 };
    expect(found([pod({ startedAt: 1 })], [job()], { heartbeat, now: 69_999 })).toEqual([]);
    const [first] = found([pod({ startedAt: 1 })], [job()], { heartbeat, now: 70_000 });
    expect(first).toMatchObject({ what: 'it stands still after step 7', limit: { at: 70_000 + 120_000 } });
    expect(first?.limit?.outcome.exitClass).toBe('hung');
    const [before] = found([pod()], [job()], { heartbeat: { ...heartbeat, step: 0 } });
    expect(before?.what).toBe('it stands still before its first step');
    expect(found([pod({ endedAt: 2 })], [job({ state: 'succeeded' })], { heartbeat })).toEqual([]);
  });

  it('of a pod that was told to end is told after its grace period, and ends nothing', () => {
    const ending = [pod({ startedAt: 1, dueToEndAt: 30_000 })];
    expect(found(ending, [job()], { now: 29_999 })).toEqual([]);
    const [first] = found(ending, [job()], { now: 30_000 });
    expect(first?.what).toContain('node.kubernetes.io/out-of-service=nodeshutdown:NoExecute');
    expect(first?.limit).toBeUndefined();
  });

  it('of a queue costs nothing and has no limit', () => {
    const waiting = job({ state: 'waiting', message: '2nd of 3 in queue q', since: 5 });
    expect(found([], [waiting])).toEqual([{ since: 5, what: '2nd of 3 in queue q' }]);
    expect(found([], [{ ...waiting, message: '' }])[0]?.what).toBe('r1-train-a1 waits in its queue');
  });

  it('is none while all goes well, and none of another launch or of what has ended', () => {
    expect(found([pod({ startedAt: 1_000 })])).toEqual([]);
    expect(found([pod({ attempt: 2, unreachableSince: 1 })], [job({ state: 'succeeded' })])).toEqual([]);
    expect(found([pod({ endedAt: 2_000, unreachableSince: 1 })], [job({ state: 'succeeded' })])).toEqual([]);
  });

  it('is not even foreseen while all goes well', () => {
    const foreseen = (pods: readonly PodFacts[], jobs: readonly JobFacts[] = [job()]) =>
      foreseenObstacles(running('train'), { jobs, pods }, DEADLINES, null);
    expect(foreseen([pod({ startedAt: 1_000 })])).toEqual([]);
    expect(foreseen([pod({ startedAt: 1_000 })], [])).toEqual([]);
    // A container that has run waits before it is started again; how it ended says its exit.
    expect(
      foreseen([pod({ startedAt: 1_000, waiting: { reason: 'CrashLoopBackOff', message: '' } })]),
    ).toEqual([]);
    // A scheduler that has not looked at a pod yet has nothing to say of it.
    expect(foreseen([], [job({ pending: [{ ...waits, message: '' }] })])).toEqual([]);
    // Nobody knows since when a job has no pods that does not say when it was admitted.
    const { since: _, ...undated } = job();
    expect(foreseen([], [undated])).toEqual([]);
  });

  it('is of the job that was launched for this attempt, not of another stage’s or an earlier launch’s', () => {
    const others = [job({ stage: 'prepare', pending: [waits] }), job({ launch: 2, pending: [waits] })];
    expect(found([pod({ startedAt: 1_000 })], [...others, job()])).toEqual([]);
    expect(found([pod({ startedAt: 1_000 })], others)).toEqual([]);
  });

  it('of between two lives counts from the end of the last pod', () => {
    expect(found([pod({ endedAt: 50_000 })])[0]?.limit?.at).toBe(50_000 + 200_000);
  });
});

describe('overdueOutcome', () => {
  it('is that of the first whose limit has come, and none before', () => {
    const obstacles = found([pod({ startedAt: 1_000, unreachableSince: 4_000 })]);
    expect(overdueOutcome(obstacles, 93_999)).toBeNull();
    expect(overdueOutcome(obstacles, 94_000)).toMatchObject({
      exitClass: 'infrastructure',
      nodes: ['node-0'],
    });
    const unlimited = { since: 0, what: 'waits' };
    expect(overdueOutcome([unlimited], LATE)).toBeNull();
    expect(overdueOutcome([unlimited, ...obstacles], 94_000)?.exitClass).toBe('infrastructure');
  });
});

describe('lasting', () => {
  it('is what has stood in the way for three seconds, so that nobody is told of every start', () => {
    const obstacle = { since: 5_000, what: 'waits' };
    expect(lasting([obstacle], 7_999)).toEqual([]);
    expect(lasting([obstacle], 8_000)).toEqual([obstacle]);
    expect(lasting([{ ...obstacle, since: 90_000 }], 8_000)).toEqual([]);
  });
});

it('is of the attempt’s own pods, and tells why a job has none where its controllers say so', () => {
  const elsewhere = pod({ stage: 'prepare', startedAt: 1_000, unreachableSince: 4_000 });
  expect(found([elsewhere, pod({ startedAt: 1_000 })])).toEqual([]);
  const what = (message: string) => found([], [job({ message })]).map((each) => each.what);
  expect(what('')).toEqual(['r1-train-a1 is admitted, and there is no pod of it yet']);
  expect(what('no quota for pods')).toEqual([
    'r1-train-a1 is admitted, and there is no pod of it yet: no quota for pods',
  ]);
});
