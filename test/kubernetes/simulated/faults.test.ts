import { describe, expect, test } from 'vitest';
import { drainNode, uncordonNode } from '../faults/drain-node.ts';
import { preempt } from '../faults/preempt.ts';
import { deactivate } from '../faults/workload.ts';
import { kubectl } from '../kubectl.ts';
import { IN, NAMESPACE } from './simulated-runs.ts';
import { podsOn, simulatedSuite, trainJob, untilObstacle, untilTraining } from './suite.ts';

const { open, expectSettled } = simulatedSuite();

/** As the trainer ends on SIGTERM: it saves and says 75. */
const SAVES = { 'sim/term-exit-code': '75' };

describe('pods are ended by others', () => {
  test('one that somebody deletes ends its gang, which its JobSet starts again', async () => {
    const here = await open();
    const record = await here.launch({ sim: { 'sim/run': '6s', ...SAVES } });
    const { done } = here.control(record);
    await untilTraining(here, record);
    await kubectl(['delete', IN, '--wait=false', ...(await podsOn(record, 'gpu-1'))]);
    expect((await done).state.kind).toBe('succeeded');
    const { attempts, held } = await expectSettled(here, record);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^train: interrupted: /),
      'succeeded',
    ]);
    expect(held.map(({ attempt, end }) => [attempt, end])).toEqual([
      [1, 'seen'],
      [1, 'seen'],
      [2, 'seen'],
      [2, 'seen'],
    ]);
  });

  test('those of a node that is drained end as a disruption; the gang waits for a node, and says so', async () => {
    const here = await open();
    const backend = { queue: { name: 'training-flat' } };
    const record = await here.launch({ sim: { 'sim/run': '6s', ...SAVES }, backend });
    const { done } = here.control(record);
    await untilTraining(here, record);
    await drainNode('gpu-0', NAMESPACE);
    try {
      await untilObstacle(here, record, /no node takes .*: .*(unschedulable|node\(s\))/, 40);
    } finally {
      await uncordonNode('gpu-0');
    }
    const run = await done;
    expect(run.state.kind).toBe('succeeded');
    const { attempts } = await expectSettled(here, record);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^train: interrupted: /),
      'succeeded',
    ]);
  });

  test('preempted by work of a higher priority, it goes on in its turn, and that is no retry', async () => {
    const here = await open();
    const record = await here.launch({ sim: { 'sim/run': '6s', ...SAVES } });
    const { done, waits } = here.control(record);
    await untilTraining(here, record);
    const giveBack = await preempt(NAMESPACE, 'training');
    try {
      await untilObstacle(here, record, /of 1 in queue training/);
      // What lasts for a moment is not told.
      await new Promise((wait) => setTimeout(wait, 5_000));
    } finally {
      await giveBack();
    }
    const run = await done;
    expect(run.state.kind).toBe('succeeded');
    expect(run.retries).toBe(0);
    const { attempts, held } = await expectSettled(here, record);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^train: interrupted: Preempted to accommodate a workload/),
      'succeeded',
    ]);
    expect(held).toHaveLength(4);
    // One owner object for both lives.
    expect(
      await kubectl([
        'get',
        'jobsets',
        IN,
        `--selector=stint.dev/run=${record.id},stint.dev/stage=train`,
        '--output=name',
      ]),
    ).toBe(`jobset.jobset.x-k8s.io/${trainJob(record)}`);
    expect(waits.join('\n')).toMatch(/in queue training/);
  });

  test('deactivated in its queue, it is stopped, and nothing starts it again', async () => {
    const here = await open();
    const record = await here.launch({ sim: { 'sim/hang': 'true', ...SAVES } });
    const { done } = here.control(record);
    await untilTraining(here, record);
    await deactivate(NAMESPACE, trainJob(record));
    expect((await done).state).toMatchObject({
      kind: 'stopped',
      message: expect.stringMatching(/deactivated/),
    });
    const { attempts, held } = await expectSettled(here, record);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^train: interrupted: .*deactivated/),
    ]);
    expect(held).toHaveLength(2);
  });

  test('beyond its maximum execution time, it has failed by its budget', async () => {
    const here = await open({
      around: (cluster) => ({
        ...cluster,
        apply: (manifests, options) => cluster.apply(manifests.map(withExecTime(5)), options),
      }),
    });
    const record = await here.launch({ sim: { 'sim/hang': 'true', ...SAVES } });
    expect((await here.control(record).done).state).toMatchObject({
      kind: 'failed',
      failure: 'budget',
      message: expect.stringMatching(/maximum execution time/),
    });
    const { attempts } = await expectSettled(here, record);
    expect(attempts).toHaveLength(1);
  });
});

/** The plan's own limit is an hour. */
const withExecTime =
  (seconds: number) =>
  <M extends { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } }>(
    manifest: M,
  ): M => {
    const label = 'kueue.x-k8s.io/max-exec-time-seconds';
    const { metadata } = manifest;
    if (metadata.labels?.[label] === undefined) return manifest;
    return {
      ...manifest,
      metadata: { ...metadata, labels: { ...metadata.labels, [label]: String(seconds) } },
    };
  };
