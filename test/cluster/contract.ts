import { afterEach, describe, expect, test } from 'vitest';
import type { Cluster, OutputLine } from '../../orchestrator/ports/cluster.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { profile } from '../render/requests.ts';
import { type ShellJob, shellJob } from './shell-job.ts';

/** One cluster under test; `close` ends everything it started. */
export interface ClusterUnderTest {
  readonly cluster: Cluster;
  /** Where its jobs run; default: this machine. */
  readonly profile?: ClusterProfile;
  readonly close: () => Promise<void>;
}

/** For a machine that has other work: what is waited for comes within a second or few. */
const PATIENCE_MS = 90_000;

let runs = 0;
/** A run that no other test uses, on a cluster that may keep what earlier tests left. */
export const freshRun = (): string => `r-${Date.now().toString(36)}${(runs++).toString(36)}`;

/** The first full set of the run's pods that satisfies the condition. */
export async function podsWhen(
  cluster: Cluster,
  run: string,
  condition: (pods: readonly PodFacts[]) => boolean,
): Promise<readonly PodFacts[]> {
  for await (const { pods } of cluster.watch(run, { signal: AbortSignal.timeout(PATIENCE_MS) }))
    if (condition(pods)) return pods;
  throw new Error(`the pods of ${run} did not come to the expected state in time`);
}

/** What the cluster calls the pod of this index, once it is there. */
export async function podName(cluster: Cluster, run: string, index = 0): Promise<string> {
  const named = (pods: readonly PodFacts[]) => pods.find((pod) => pod.index === index)?.name;
  return named(await podsWhen(cluster, run, (pods) => named(pods) !== undefined)) ?? '';
}

export const ended = (pods: readonly PodFacts[]): boolean =>
  pods.length > 0 && pods.every((pod) => pod.endedAt !== undefined);

/** The pod is past the point that its script marks by printing the text. */
export async function printed(cluster: Cluster, pod: string, text: string): Promise<OutputLine> {
  for await (const line of cluster.logs(pod, { signal: AbortSignal.timeout(PATIENCE_MS) }))
    if (line.text === text) return line;
  throw new Error(`${pod} ended without printing "${text}"`);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The laws of the port, for any adapter: each test runs real pods. */
export function clusterContract(adapter: string, open: () => Promise<ClusterUnderTest>): void {
  const opened: ClusterUnderTest[] = [];
  const signal = AbortSignal.timeout(600_000);

  async function launch(job: ShellJob): Promise<{
    cluster: Cluster;
    run: string;
    name: string;
    manifests: readonly Manifest[];
  }> {
    const under = await open();
    opened.push(under);
    const run = freshRun();
    const manifests = await shellJob(run, job, under.profile);
    await under.cluster.apply(manifests, { signal });
    return { cluster: under.cluster, run, name: jobName(run, 'train', job.attempt ?? 1), manifests };
  }

  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });

  describe(`${adapter} keeps the laws of the port:`, () => {
    test('it says whether jobs wait in a queue for their room', async () => {
      const under = await open();
      opened.push(under);
      const { backend } = under.profile ?? profile('local');
      expect(under.cluster.queues).toBe(backend.kind === 'kubernetes' && backend.queue !== undefined);
    });

    test('a pod that exits with 0 succeeded, and its times are in order', async () => {
      const { cluster, run, name: job } = await launch({ script: 'exit 0' });
      const [pod] = await podsWhen(cluster, run, ended);
      expect(pod).toMatchObject({ phase: 'succeeded', exitCode: 0, run, job, index: 0, attempt: 1 });
      expect(pod?.boundAt).toBeLessThanOrEqual(pod?.startedAt ?? 0);
      expect(pod?.startedAt).toBeLessThanOrEqual(pod?.endedAt ?? 0);
    });

    test('it knows of which runs it has anything, also when their pods have ended', async () => {
      const { cluster, run } = await launch({ script: 'exit 0' });
      expect(await cluster.runs({ signal })).toContain(run);
      await podsWhen(cluster, run, ended);
      const there = await cluster.runs({ signal });
      expect(there.filter((each) => each === run)).toEqual([run]);
      expect(there).toEqual(there.toSorted());
      const other = freshRun();
      await podsWhen(cluster, other, () => true);
      expect(await cluster.runs({ signal })).not.toContain(other);
    });

    test('exit code and termination message of a failure are reported', async () => {
      const message = '{"exitClass":"data","message":"row 7 has no answer","step":3}';
      const { cluster, run } = await launch({
        script: `echo '${message}' > $STINT_TERMINATION_LOG; exit 65`,
      });
      const [pod] = await podsWhen(cluster, run, ended);
      expect(pod).toMatchObject({
        phase: 'failed',
        exitCode: 65,
        termination: JSON.parse(message) as object,
      });
    });

    test('a termination message that is none leaves the exit code to speak', async () => {
      const { cluster, run } = await launch({ script: 'echo "not JSON" > $STINT_TERMINATION_LOG; exit 1' });
      const [pod] = await podsWhen(cluster, run, ended);
      expect(pod).toMatchObject({ phase: 'failed', exitCode: 1 });
      expect(pod).not.toHaveProperty('termination');
    });

    test('logs give every line once, in order, follow while the pod runs, and end with it', async () => {
      const { cluster, run } = await launch({ script: 'echo one; sleep 0.3; echo two; echo three' });
      const pod = await podName(cluster, run);
      const lines = await collect(cluster.logs(pod, { signal }));
      expect(lines.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
      expect((lines[1]?.at ?? 0) - (lines[0]?.at ?? 0)).toBeGreaterThanOrEqual(250);
      expect(await collect(cluster.logs(pod, { signal }))).toEqual(lines);
    });

    test('applying again changes nothing, while the pod runs and after its end', async () => {
      const job = { script: 'echo begun >> $STINT_WORK/begun; sleep 0.3; cat $STINT_WORK/begun' };
      const { cluster, run, manifests: again } = await launch(job);
      await Promise.all([cluster.apply(again, { signal }), cluster.apply(again, { signal })]);
      const [pod] = await podsWhen(cluster, run, ended);
      await cluster.apply(again, { signal });
      expect(await podsWhen(cluster, run, ended)).toEqual([pod]);
      const lines = await collect(cluster.logs(pod?.name ?? '', { signal }));
      expect(lines.map(({ text }) => text)).toEqual(['begun']);
    });

    test('a pod that saves on SIGTERM ends in its own way', async () => {
      const script = `trap 'exit 75' TERM; echo ready; while :; do sleep 0.05; done`;
      const { cluster, run, name: job } = await launch({ script });
      await printed(cluster, await podName(cluster, run), 'ready');
      await cluster.stop(job, { signal });
      expect(await podsWhen(cluster, run, ended)).toMatchObject([{ phase: 'failed', exitCode: 75 }]);
      await cluster.stop(job, { signal });
    });

    test('a pod that ignores SIGTERM is killed after its grace period, and no sooner', async () => {
      const {
        cluster,
        run,
        name: job,
      } = await launch({
        script: `trap '' TERM; echo ready; while :; do sleep 0.05; done`,
      });
      const { at } = await printed(cluster, await podName(cluster, run), 'ready');
      await cluster.stop(job, { signal, graceSeconds: 1 });
      const [pod] = await podsWhen(cluster, run, ended);
      expect(pod).toMatchObject({ phase: 'failed', exitCode: 137 });
      // A cluster may know times to the second only: the end is then told up to a second early.
      const soonest = (pod?.endedAt ?? 0) % 1_000 === 0 ? 0 : 1_000;
      expect((pod?.endedAt ?? 0) - at).toBeGreaterThanOrEqual(soonest);
    });

    test('when one pod of a job fails, its other pods are ended', async () => {
      const script = `if [ $JOB_COMPLETION_INDEX = 0 ]; then
          until [ -e $STINT_WORK/ready ]; do sleep 0.05; done
          exit 70
        fi
        trap 'exit 75' TERM
        touch $STINT_WORK/ready
        while :; do sleep 0.05; done`;
      const { cluster, run } = await launch({ script, pods: 2 });
      const pods = await podsWhen(cluster, run, (seen) => seen.length === 2 && ended(seen));
      expect(pods.map(({ exitCode }) => exitCode)).toEqual([70, 75]);
    });

    test('the pods of a job meet under the address and port that they are given', async () => {
      const rendezvous = `import os, socket, sys
address = (os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT']))
if os.environ['JOB_COMPLETION_INDEX'] == '0':
    peer, _ = socket.create_server(('', address[1])).accept()
    print('heard', peer.recv(16).decode())
else:
    import time
    for _ in range(200):
        try:
            socket.create_connection(address).sendall(b'rank 1'); break
        except OSError:
            time.sleep(0.05)`;
      const { cluster, run } = await launch({ script: 'exec python -c "$1"', args: [rendezvous], pods: 2 });
      const pods = await podsWhen(cluster, run, (seen) => seen.length === 2 && ended(seen));
      expect(pods.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded']);
      await printed(cluster, await podName(cluster, run), 'heard rank 1');
    });

    test('a command that does not exist is a mistake in the configuration', async () => {
      const { cluster, run } = await launch({ command: ['no-such-program'], script: '' });
      const [pod] = await podsWhen(cluster, run, ended);
      expect(pod).toMatchObject({ phase: 'failed', termination: { exitClass: 'configuration' } });
      expect(pod?.termination?.message).toContain('no-such-program');
    });

    test('after fencing every pod of the run has an end, and fencing again changes nothing', async () => {
      const { cluster, run } = await launch({
        script: `trap 'exit 75' TERM; echo ready; while :; do sleep 0.05; done`,
      });
      await printed(cluster, await podName(cluster, run), 'ready');
      await cluster.fence(run, { signal });
      const pods = await podsWhen(cluster, run, () => true);
      expect(ended(pods)).toBe(true);
      await cluster.fence(run, { signal });
      expect(await podsWhen(cluster, run, () => true)).toEqual(pods);
    });

    test('a run without pods is watched as an empty set, stopped and fenced at once; watching ends on abort', async () => {
      const under = await open();
      opened.push(under);
      const run = freshRun();
      await under.cluster.fence(run, { signal });
      await under.cluster.stop(`${run}-train-a1`, { signal });
      const seen: (readonly PodFacts[])[] = [];
      const watching = new AbortController();
      for await (const { pods } of under.cluster.watch(run, { signal: watching.signal })) {
        seen.push(pods);
        setTimeout(() => watching.abort(), 200);
      }
      expect(seen).toEqual([[]]);
    });
  });
}
