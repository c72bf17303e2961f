import { expect, test } from 'vitest';
import { SeenPods } from '../../cluster/kubernetes/observe/seen-pods.ts';

const SECOND = '2026-11-25T10:00:0';

/** As the API server tells it; `endedAt`: in which second of the minute its container ended. */
function pod(uid: string, endedAt?: number) {
  const state =
    endedAt === undefined
      ? { running: { startedAt: `${SECOND}1Z` } }
      : { terminated: { exitCode: 0, startedAt: `${SECOND}1Z`, finishedAt: `${SECOND}${endedAt}Z` } };
  return {
    metadata: {
      uid,
      name: uid,
      creationTimestamp: `${SECOND}0Z`,
      labels: { 'stint.dev/run': 'r1', 'stint.dev/stage': 'train', 'stint.dev/job': 'j1' },
      finalizers: ['stint.dev/usage-settled'],
    },
    spec: { nodeName: 'n0', containers: [{ name: 'trainer' }] },
    status: {
      phase: endedAt === undefined ? 'Running' : 'Succeeded',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: `${SECOND}0Z` }],
      containerStatuses: [{ name: 'trainer', state }],
    },
  };
}

const covers = () => true;
const phases = (seen: SeenPods) => seen.of('r1').map(({ uid, phase }) => `${uid} ${phase}`);

test('a pod that another watch has told of is not lost because this one has yet to hear of it', () => {
  const seen = new SeenPods(undefined);
  seen.take({ objects: [pod('a')], vanished: [], covers, kind: 'synced' });
  seen.take({ objects: [pod('b')], vanished: [], covers: ({ uid }) => uid === 'b' });
  seen.take({ objects: [pod('a')], vanished: [], covers, kind: 'changed' });
  expect(phases(seen)).toEqual(['a running', 'b running']);
});

test('an end that was seen is not taken back by a watch that is behind', () => {
  const seen = new SeenPods(undefined);
  seen.take({ objects: [pod('a', 5)], vanished: [], covers });
  seen.take({ objects: [pod('a')], vanished: [], covers, kind: 'changed' });
  expect(phases(seen)).toEqual(['a succeeded']);
});

test('what vanished without an end is lost, and nothing is kept of what is gone', () => {
  const seen = new SeenPods(undefined);
  seen.take({ objects: [pod('a'), pod('b', 5)], vanished: [], covers });
  seen.take({ objects: [], vanished: [pod('a'), pod('b', 5)], covers, kind: 'changed' });
  expect(phases(seen)).toEqual(['a lost', 'b succeeded']);
  expect(seen.of('r1').some(({ retained }) => retained)).toBe(false);
});

test('why a pod ended stays known when the kubelet lets go of it, and its record says so no more', () => {
  const asked = {
    metadata: { deletionTimestamp: `${SECOND}9Z`, deletionGracePeriodSeconds: 5 },
    status: { phase: 'Failed' },
  };
  const ended = (metadata: object) => {
    const { status, ...one } = pod('a', 5);
    const [container] = status.containerStatuses;
    const terminated = { ...container?.state.terminated, exitCode: 75 };
    return {
      ...one,
      metadata: { ...one.metadata, ...metadata },
      status: { ...status, ...asked.status, containerStatuses: [{ ...container, state: { terminated } }] },
    };
  };
  const seen = new SeenPods(undefined);
  seen.take({ objects: [ended(asked.metadata)], vanished: [], covers });
  const [before] = seen.of('r1');
  expect(before?.termination?.message).toBe('a was deleted on the cluster, not by stint');
  const letGo = { deletionTimestamp: `${SECOND}6Z`, deletionGracePeriodSeconds: 0 };
  seen.take({ objects: [ended(letGo)], vanished: [], covers, kind: 'changed' });
  expect(seen.of('r1')).toEqual([before]);
});
