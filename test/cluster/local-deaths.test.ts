import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { podMarker } from '../../cluster/local/launch.ts';
import { volumeFolder } from '../../cluster/local/layout.ts';
import { processesMarked, signalProcess } from '../../cluster/local/processes.ts';
import { supervisorMarker } from '../../cluster/local/stop-pod.ts';
import { LOCAL_VOLUME_CLAIM, workSubPath } from '../../orchestrator/render/names.ts';
import { ended, freshRun, podsWhen, printed } from './contract.ts';
import { openLocal } from './local-cluster.ts';
import { type ShellJob, shellJob } from './shell-job.ts';

const STINT = fileURLToPath(new URL('./stint-process.ts', import.meta.url));
const SAVES_ON_TERM = `trap 'echo saved; exit 75' TERM; echo ready; while :; do sleep 0.05; done`;
/** A child in the group, one that left for a session of its own, and a first process; none heeds SIGTERM. */
const STUBBORN_FAMILY = `trap '' TERM; sleep 600 & python -c "
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(600)" & sleep 0.3; echo ready; while :; do sleep 0.05; done`;

let local: Awaited<ReturnType<typeof openLocal>>;
let stints: ChildProcess[];
beforeEach(async () => {
  local = await openLocal();
  stints = [];
});
afterEach(async () => {
  for (const stint of stints) stint.kill('SIGKILL');
  await local.close();
});

/** Launches a job from another process, which can then be killed. */
async function launchElsewhere(job: ShellJob, then = 'wait') {
  const run = freshRun();
  const stint = spawn(process.execPath, [STINT, local.root, run, JSON.stringify(job), then], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stints.push(stint);
  await once(stint.stdout, 'data');
  const [pod] = await podsWhen(local.cluster, run, (pods) => pods.length > 0);
  return { run, stint, pod: pod?.name ?? '', uid: pod?.uid ?? '' };
}

describe('when stint dies', () => {
  test.for(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('by %s its pods save, end, and say so', async (how) => {
    const { run, stint, pod, uid } = await launchElsewhere({ script: SAVES_ON_TERM });
    await printed(local.cluster, pod, 'ready');
    stint.kill(how);
    expect(await podsWhen(local.cluster, run, ended)).toMatchObject([{ phase: 'failed', exitCode: 75 }]);
    await printed(local.cluster, pod, 'saved');
    expect(await processesMarked(podMarker(uid))).toEqual([]);
  });

  test('its pods say who asked them to end', async () => {
    const message = '{"exitClass":"interrupted","message":"Stopped on request.","step":3}';
    const script = `trap 'echo ${JSON.stringify(message)} > $STINT_TERMINATION_LOG; exit 75' TERM; echo ready; while :; do sleep 0.05; done`;
    const { run, stint, pod } = await launchElsewhere({ script });
    await printed(local.cluster, pod, 'ready');
    stint.kill('SIGKILL');
    const [facts] = await podsWhen(local.cluster, run, ended);
    expect(facts?.termination).toEqual({
      exitClass: 'interrupted',
      message: 'its controller ended. Stopped on request.',
      step: 3,
    });
  });

  test('a family of processes that heeds no SIGTERM is dead after the grace period', async () => {
    const { run, stint, pod, uid } = await launchElsewhere({ script: STUBBORN_FAMILY, graceSeconds: 1 });
    await printed(local.cluster, pod, 'ready');
    expect((await processesMarked(podMarker(uid))).length).toBeGreaterThanOrEqual(3);
    stint.kill('SIGKILL');
    const killedAt = Date.now();
    const [facts] = await podsWhen(local.cluster, run, ended);
    expect(facts).toMatchObject({ phase: 'failed', exitCode: 137, signal: 'SIGKILL' });
    expect((facts?.endedAt ?? 0) - killedAt).toBeGreaterThanOrEqual(900);
    expect(await processesMarked(podMarker(uid))).toEqual([]);
  });

  test('its pods do not keep it from ending when its own work is done', async () => {
    const { run, stint } = await launchElsewhere({ script: SAVES_ON_TERM }, 'leave');
    if (stint.exitCode === null) await once(stint, 'exit');
    expect(stint.exitCode).toBe(0);
    expect(ended(await podsWhen(local.cluster, run, ended))).toBe(true);
  });

  test('another one that fences the run waits for the pods to save', async () => {
    const { run, stint, pod } = await launchElsewhere({
      script: `trap 'sleep 0.5; exit 75' TERM; echo ready; while :; do sleep 0.05; done`,
    });
    await printed(local.cluster, pod, 'ready');
    stint.kill('SIGKILL');
    await local.cluster.fence(run, { signal: AbortSignal.timeout(20_000) });
    expect(await podsWhen(local.cluster, run, () => true)).toMatchObject([{ exitCode: 75 }]);
  });
});

describe('when a supervisor is killed', () => {
  test('fencing leaves no stray, in whatever session, and the pod counts as lost', async () => {
    const { run, stint, pod, uid } = await launchElsewhere({ script: STUBBORN_FAMILY });
    await printed(local.cluster, pod, 'ready');
    stint.kill('SIGKILL');
    const [supervisor = 0] = await processesMarked(supervisorMarker(uid));
    signalProcess(supervisor, 'SIGKILL');
    const before = Date.now();
    await local.cluster.fence(run, { signal: AbortSignal.timeout(20_000) });
    expect(await processesMarked(podMarker(uid))).toEqual([]);
    const [facts] = await podsWhen(local.cluster, run, () => true);
    expect(facts?.phase).toBe('lost');
    expect(facts?.endedAt).toBeGreaterThanOrEqual(before);
  });

  test('whoever launched the pod notices, and ends it without being asked', async () => {
    const { run, pod, uid } = await launchElsewhere({ script: STUBBORN_FAMILY });
    await printed(local.cluster, pod, 'ready');
    const [supervisor = 0] = await processesMarked(supervisorMarker(uid));
    signalProcess(supervisor, 'SIGKILL');
    const killedAt = Date.now();
    const [facts] = await podsWhen(local.cluster, run, ended);
    expect(facts?.phase).toBe('lost');
    expect((facts?.endedAt ?? 0) - killedAt).toBeLessThan(3_000);
    expect(await processesMarked(podMarker(uid))).toEqual([]);
  });
});

test('of processes that launch the same job at once, one starts its pods, once', async () => {
  const run = freshRun();
  const job = { script: 'echo $JOB_COMPLETION_INDEX >> $STINT_WORK/begun; sleep 0.5', pods: 2 };
  const argv = [STINT, local.root, run, JSON.stringify(job)];
  for (let count = 0; count < 2; count++) stints.push(spawn(process.execPath, argv, { stdio: 'ignore' }));
  await local.cluster.apply(await shellJob(run, job), { signal: AbortSignal.timeout(20_000) });
  const pods = await podsWhen(local.cluster, run, ended);
  expect(pods.map(({ phase }) => phase)).toEqual(['succeeded', 'succeeded']);
  const work = volumeFolder(local.root, LOCAL_VOLUME_CLAIM, workSubPath(run));
  const begun = await readFile(join(work, 'begun'), 'utf8');
  expect(begun.trim().split('\n').toSorted()).toEqual(['0', '1']);
});
