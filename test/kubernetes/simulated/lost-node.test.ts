import { describe, expect, onTestFinished, test } from 'vitest';
import { fenceNode } from '../../../cluster/kubernetes/act/fence-node.ts';
import { apiClient } from '../../../cluster/kubernetes/api/client.ts';
import { loadConfig } from '../../../cluster/kubernetes/api/load-config.ts';
import { show } from '../../../orchestrator/cli/commands/runs/show.ts';
import { DeadlinesSchema } from '../../../orchestrator/profile/deadlines.ts';
import { commandContext } from '../../cli/command-context.ts';
import { until } from '../../end-to-end/stint.ts';
import { deleteNode, replaceNode } from '../faults/delete-node.ts';
import { findNode, loseNode } from '../faults/lose-node.ts';
import { kubectl } from '../kubectl.ts';
import { steer } from '../steer.ts';
import { NAMESPACE, type Simulated, type SimulatedOptions } from './simulated-runs.ts';
import { OUT_OF_SERVICE, podsOn, simulatedSuite, trainJob, untilObstacle, untilTraining } from './suite.ts';

const { open, expectSettled } = simulatedSuite();

const deadlines = DeadlinesSchema.parse({ nodeLost: '5s', terminating: '5s' });

/** Its first launch runs until it is ended, the next one for seconds. */
async function launched(here: Simulated, backend: SimulatedOptions['backend']) {
  const record = await here.launch({
    sim: { 'sim/term-exit-code': '75' },
    backend: { deadlines, ...backend },
  });
  const labels = { 'stint.dev/run': record.id, 'stint.dev/stage': 'train', 'stint.dev/attempt': '1' };
  onTestFinished(await steer({ namespace: NAMESPACE, labels, annotations: { 'sim/hang': 'true' } }));
  await new Promise((done) => setTimeout(done, 1_500));
  return record;
}

describe('a node that falls silent', () => {
  test('under topology: its queue takes the job back; fenced, its pod is proven dead, and the next attempt has another life', {
    timeout: 180_000,
  }, async () => {
    const here = await open();
    const record = await launched(here, { fenceLostNodes: true });
    const { done, warnings } = here.control(record);
    await untilTraining(here, record);
    await loseNode('gpu-1');
    await untilObstacle(here, record, /the node gpu-1 of .* does not answer/);
    await until('the node is fenced', async () => (await taintsOf('gpu-1')).includes(OUT_OF_SERVICE), 60);
    // The job that can never finish goes with its last pod.
    await until(
      'a new job stands for it',
      async () => (await jobsOf(record.id)).join() === trainJob(record, 2),
      60,
    );
    // Two nodes are needed, and one is left.
    await untilObstacle(here, record, /of 1 in queue training/);
    await kubectl(['taint', 'node', 'gpu-1', `${OUT_OF_SERVICE}-`]);
    await findNode('gpu-1');
    expect((await done).state.kind).toBe('succeeded');
    // Whoever waits hears of it at once, and whoever asks later reads it.
    const fenced = /^the node gpu-1 does not answer, and is tainted .*; take the taint off when it is back$/;
    expect(warnings.filter((warning) => fenced.test(warning))).toHaveLength(1);
    const { context, printed } = commandContext({ openWorkplace: async () => here.workplace });
    await show(record.id, {}, context);
    expect(printed.join('\n')).toMatch(/^warning +the node gpu-1 does not answer, and is tainted/m);
    const { attempts, held } = await expectSettled(here, record);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^train: infrastructure: .*gpu-1/),
      'succeeded',
    ]);
    expect(held.map(({ attempt, end }) => `${attempt} ${end}`).toSorted()).toEqual([
      '1 doubtful',
      '1 seen',
      '2 seen',
      '2 seen',
    ]);
  });

  test('without topology: the idle peer is ended, the run waits for the proof of death, and goes on after it', {
    timeout: 240_000,
  }, async () => {
    const here = await open();
    const record = await launched(here, { queue: { name: 'training-flat' } });
    const { done } = here.control(record);
    await untilTraining(here, record);
    await loseNode('gpu-1');
    const named = await untilObstacle(here, record, /the node gpu-1 of .* does not answer/);
    expect(named).toContain(trainJob(record));
    // The failure policy of its JobSet waits for the lost pod, while this one holds eight devices for nothing.
    await until('the healthy pod is ended', async () => (await podsOn(record, 'gpu-0')).length === 0, 60);
    await untilObstacle(
      here,
      record,
      /was told to end, and gpu-1 does not say that it has; if that node is off, delete it/,
    );
    await new Promise((wait) => setTimeout(wait, 8_000));
    expect(await taintsOf('gpu-1')).not.toContain(OUT_OF_SERVICE);
    expect(await jobsOf(record.id)).toEqual([trainJob(record, 1)]);
    await deleteNode('gpu-1');
    await until(
      'its death is proven',
      async () => (await jobsOf(record.id)).join() === trainJob(record, 2),
      120,
    );
    await replaceNode('gpu-1');
    expect((await done).state.kind).toBe('succeeded');
    const { attempts, held, run } = await expectSettled(here, record);
    expect(run.retries).toBe(1);
    expect(attempts.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(
        /^train: infrastructure: the node gpu-1 of .* does not answer; ended after 5\.0 s of it/,
      ),
      'succeeded',
    ]);
    const lost = held.find(({ end }) => end === 'doubtful');
    expect(lost).toMatchObject({ attempt: 1, node: 'gpu-1' });
    // Its node was silent for all of that: nobody is billed for it.
    expect(lost?.doubtfulSeconds).toBeGreaterThan(30);
  });
});

describe('fencing', () => {
  const signal = AbortSignal.timeout(600_000);

  test('is not for a node that answers, nor for one that is not there', async () => {
    const client = apiClient(() => loadConfig(undefined));
    expect(await fenceNode(client, 'gpu-0', signal)).toBeUndefined();
    expect(await fenceNode(client, 'gpu-9', signal)).toBeUndefined();
    expect(await taintsOf('gpu-0')).not.toContain(OUT_OF_SERVICE);
  });

  test('says what somebody else has to do, where it is not permitted', async () => {
    const client = apiClient(() => {
      const config = loadConfig(undefined);
      config.users = config.users.map((user) => ({ ...user, impersonateUser: 'nobody' }));
      return config;
    });
    expect(await fenceNode(client, 'gpu-0', signal)).toMatch(
      /you may not patch nodes: have somebody taint it/,
    );
  });
});

const taintsOf = (node: string): Promise<string> =>
  kubectl(['get', 'node', node, '--output=jsonpath={.spec.taints[*].key}']);

/** Names of its training launches that are on the cluster. */
async function jobsOf(run: string): Promise<readonly string[]> {
  const selector = `--selector=stint.dev/run=${run},stint.dev/stage=train`;
  const names = await kubectl([
    'get',
    'jobsets',
    `--namespace=${NAMESPACE}`,
    selector,
    '--output=jsonpath={.items[*].metadata.name}',
  ]);
  return names.split(' ').filter(Boolean).toSorted();
}
