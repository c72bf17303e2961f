import { describe, expect, it } from 'vitest';
import { PodSchema } from '../../cluster/kubernetes/objects/pod.ts';
import { podFacts } from '../../cluster/kubernetes/objects/pod-facts.ts';
import { SeenPods } from '../../cluster/kubernetes/observe/seen-pods.ts';

const at = (second: number) =>
  new Date(1_800_000_000_000 + second * 1_000).toISOString().replace('.000Z', 'Z');
const ms = (second: number) => 1_800_000_000_000 + second * 1_000;

interface Told {
  readonly metadata?: object;
  readonly phase?: string;
  readonly state?: object;
  readonly conditions?: readonly object[];
}
const object = ({ metadata = {}, phase = 'Running', state = {}, conditions = [] }: Told = {}) => ({
  metadata: {
    uid: 'u1',
    name: 'p1',
    labels: { 'stint.dev/run': 'r1', 'stint.dev/stage': 'train', 'stint.dev/job': 'j1' },
    finalizers: ['stint.dev/usage-settled'],
    creationTimestamp: at(0),
    ...metadata,
  },
  spec: {
    nodeName: 'gpu-1',
    containers: [{ name: 'trainer', resources: { requests: { 'nvidia.com/gpu': '8' } } }],
  },
  status: {
    phase,
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: at(1) }, ...conditions],
    containerStatuses: [{ name: 'trainer', state }],
  },
});
const facts = (told?: Told) => podFacts(PodSchema.parse(object(told)), 'nvidia.com/gpu');

const RUNNING = { running: { startedAt: at(2) } };
const disrupted = (reason: string) => ({
  type: 'DisruptionTarget',
  status: 'True',
  reason,
  message: 'so it is',
  lastTransitionTime: at(10),
});
const ended = (exitCode: number, more: object = {}) => ({
  terminated: { exitCode, reason: 'Error', startedAt: at(2), finishedAt: at(20), ...more },
});

describe('what keeps a pod from going on', () => {
  it('is nothing while it runs and is ready', () => {
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: at(2) };
    expect(facts({ state: RUNNING, conditions: [ready] })).toMatchObject({
      phase: 'running',
      startedAt: ms(2),
    });
    expect(facts({ state: RUNNING, conditions: [ready] })).not.toHaveProperty('unreachableSince');
  });

  it('is its node, when it runs and is not ready', () => {
    const silent = { type: 'Ready', status: 'False', lastTransitionTime: at(9) };
    expect(facts({ state: RUNNING, conditions: [silent] })).toMatchObject({ unreachableSince: ms(9) });
  });

  it('is what its kubelet waits for, and a deletion that is due', () => {
    const waiting = { reason: 'ErrImagePull', message: 'no such image' };
    const told = { phase: 'Pending', state: { waiting }, metadata: { deletionTimestamp: at(40) } };
    expect(facts(told)).toMatchObject({ phase: 'pending', waiting, dueToEndAt: ms(40) });
  });
});

describe('the end of a pod', () => {
  it.each([
    ['DeletionByTaintManager', 'infrastructure', true],
    ['DeletionByPodGC', 'infrastructure', true],
    ['EvictionByEvictionAPI', 'interrupted', undefined],
    ['PreemptionByScheduler', 'interrupted', undefined],
  ])('of a disruption by %s is %s', (reason, exitClass, nodeFailed) => {
    const end = facts({ phase: 'Failed', state: ended(143), conditions: [disrupted(reason)] });
    expect(end).toMatchObject({ endedAt: ms(20), signal: 'SIGTERM', termination: { exitClass } });
    expect(end?.nodeFailed).toBe(nodeFailed);
  });

  it('leaves its own word standing when its node failed', () => {
    const message = JSON.stringify({ exitClass: 'interrupted', message: 'saved step 9' });
    const conditions = [disrupted('DeletionByTaintManager')];
    expect(facts({ phase: 'Failed', state: ended(75, { message }), conditions })).toMatchObject({
      nodeFailed: true,
      termination: { message: 'saved step 9' },
    });
  });

  it('that nobody saw is when its record was taken away without grace, and open until then', () => {
    const conditions = [disrupted('DeletionByTaintManager')];
    const asked = { deletionTimestamp: at(40), deletionGracePeriodSeconds: 30 };
    expect(facts({ phase: 'Failed', state: RUNNING, conditions, metadata: asked })?.endedAt).toBeUndefined();
    const forced = { deletionTimestamp: at(33), deletionGracePeriodSeconds: 0 };
    expect(facts({ phase: 'Failed', state: RUNNING, conditions, metadata: forced })).toMatchObject({
      phase: 'lost',
      endedAt: ms(33),
    });
    expect(facts({ phase: 'Failed', state: RUNNING, conditions })).toMatchObject({
      phase: 'lost',
      endedAt: ms(10),
    });
  });
});

describe('a pod that left no word', () => {
  it('was deleted where its record says so, and lost its node where that does', () => {
    const deleted = { deletionTimestamp: at(40), deletionGracePeriodSeconds: 30 };
    expect(facts({ phase: 'Failed', state: ended(143), metadata: deleted })?.termination).toEqual({
      exitClass: 'interrupted',
      message: 'p1 was deleted on the cluster, not by stint',
    });
    expect(facts({ phase: 'Failed', state: ended(143) })?.termination).toBeUndefined();
    const conditions = [disrupted('DeletionByPodGC')];
    expect(facts({ phase: 'Failed', state: RUNNING, conditions })).toMatchObject({
      phase: 'lost',
      termination: { message: 'p1: DeletionByPodGC: so it is' },
    });
  });
});

describe('pods that were seen', () => {
  it('are lost when they are gone without an end, and kept by nothing', () => {
    const seen = new SeenPods('nvidia.com/gpu');
    const covers = () => true;
    seen.take({ objects: [object({ state: RUNNING })], vanished: [], covers });
    const before = Date.now();
    seen.take({ objects: [], vanished: [], covers });
    const [pod] = seen.of('r1');
    expect(pod).toMatchObject({ phase: 'lost', retained: false });
    expect(pod?.endedAt).toBeGreaterThanOrEqual(before);
  });

  it('keep their ends, and are kept by nothing, when a list between has missed how their finalizer went', () => {
    const seen = new SeenPods('nvidia.com/gpu');
    const last = object({ phase: 'Succeeded', state: ended(0) });
    seen.take({ objects: [last], vanished: [], covers: () => true });
    expect(seen.of('r1')[0]?.retained).toBe(true);
    seen.take({ objects: [], vanished: [last], covers: () => true });
    expect(seen.of('r1')[0]).toMatchObject({ phase: 'succeeded', endedAt: ms(20), retained: false });
  });

  it('of another job are not missed by a look at one job', () => {
    const seen = new SeenPods('nvidia.com/gpu');
    seen.take({ objects: [object({ state: RUNNING })], vanished: [], covers: () => true });
    seen.take({ objects: [], vanished: [], covers: ({ job }) => job === 'other' });
    expect(seen.of('r1')[0]).toMatchObject({ phase: 'running', retained: true });
  });
});
