import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newHome, showRun, startStint, stint, stintJson } from '../end-to-end/stint.ts';
import { killContainer } from './faults/kill-container.ts';
import { stopRank } from './faults/stop-rank.ts';
import { kubectl } from './kubectl.ts';
import { needsRealNode } from './needs-real-node.ts';
import {
  expectNothingHeld,
  expectResumedFromCheckpoint,
  expectSameLosses,
  LONG,
  LONG_STEPS,
  launchedRun,
  livesOf,
  NAMESPACE,
  onlyRun,
  realHome,
  runningPod,
  type Step,
  untilStep,
  workFolder,
} from './real-stint.ts';
import { IS_SERVED } from './served/served-home.ts';

/** A checkpoint is written after so many steps. */
const EVERY_STEPS = 50;
/** Until a server has taken over what one that stands still attended, when a busy machine is slow to notice. */
const TAKEOVER_SECONDS = 20;
/**
 * From the kill of a container to the first step after it, less what the trainer itself took from its pod to its first step,
 * which depends on what else the machine does: the end of the peers, settling, the new pods. Together they are 15 s at most
 * where nothing else runs (12.7 s measured).
 */
const RESTART_SECONDS = 12 + (IS_SERVED ? TAKEOVER_SECONDS : 0);
/** A step takes less than a tenth of a second. */
const HANG_SECONDS = 8;

let undisturbed: readonly (readonly Step[])[];

beforeEach(needsRealNode);
beforeAll(async () => {
  const home = await newHome();
  await stintJson(home, 'launch', LONG, '--cluster', 'laptop', '--wait');
  undisturbed = await livesOf((await showRun(home, await onlyRun(home))).workFolder);
}, 180_000);

async function launched(...backend: readonly string[]) {
  const { home, profile } = await realHome(...backend);
  const launch = startStint(home, 'launch', LONG, '--cluster', profile, '--wait');
  const run = await launchedRun(home);
  return { home, launch, run };
}

describe('training on the real node ends with the losses of an undisturbed run', { timeout: 300_000 }, () => {
  test('when a container is killed: the gang starts again from its last checkpoint, and is soon back', async () => {
    const { home, launch, run } = await launched();
    await untilStep(run, 120);
    const pod = await runningPod(run, 1);
    const created = await kubectl([
      '-n',
      NAMESPACE,
      'get',
      'pod',
      pod,
      '-o',
      'jsonpath={.metadata.creationTimestamp}',
    ]);
    const killedAt = Date.now();
    await killContainer(NAMESPACE, pod);
    expect(await launch).toMatchObject({ exitCode: 0 });

    const lives = await livesOf(workFolder(run));
    expect(lives).toHaveLength(2);
    const reached = lives[0]?.at(-1)?.step ?? 0;
    const [first] = lives[1] ?? [];
    const fresh = lives[1]?.find(({ step }) => step > reached);
    const seconds = (at = Number.NaN) => (at - killedAt) / 1_000;
    console.log(
      `killed at step ${reached}; step ${first?.step} ${seconds(first?.at)} s later, step ${fresh?.step} ${seconds(fresh?.at)} s later`,
    );
    await expectResumedFromCheckpoint(workFolder(run), lives, EVERY_STEPS);
    expectSameLosses(lives, undisturbed);

    const shown = await showRun(home, run);
    expect(shown).toMatchObject({
      state: 'succeeded',
      attempts: [
        { number: 1, cause: expect.stringMatching(/^train: infrastructure: .*SIGKILL/) },
        { number: 2, cause: 'succeeded' },
      ],
    });
    expect(shown.phases['recomputing']).toBeGreaterThan(0);
    const logs = await stint(home, 'runs', 'logs', run, '--stage', 'train');
    expect(logs.stdout).toMatch(new RegExp(`^train-a1-0 {2}\\{.*"step": ?${reached},`, 'm'));
    expect(logs.stdout).toMatch(new RegExp(`^train-a2-0 {2}\\{.*"step": ?${LONG_STEPS},`, 'm'));
    await expectNothingHeld(run);
    const startSeconds = ((lives[0]?.[0]?.at ?? Number.NaN) - Date.parse(created)) / 1_000;
    console.log(`its pod's first start took ${startSeconds} s`);
    expect(seconds(first?.at) - startSeconds).toBeLessThanOrEqual(RESTART_SECONDS);
  });

  test('when a rank stands still: the gang is ended as hung, with stacks, and starts again from its last checkpoint', async () => {
    const { home, launch, run } = await launched(`deadlines: {hang: ${HANG_SECONDS}s}`);
    await untilStep(run, 120);
    await stopRank(NAMESPACE, await runningPod(run, 1));
    expect(await launch).toMatchObject({ exitCode: 0 });

    const lives = await livesOf(workFolder(run));
    expect(lives).toHaveLength(2);
    await expectResumedFromCheckpoint(workFolder(run), lives, EVERY_STEPS);
    expectSameLosses(lives, undisturbed);

    const shown = await showRun(home, run);
    expect(shown).toMatchObject({
      state: 'succeeded',
      attempts: [
        {
          number: 1,
          cause: expect.stringMatching(/^train: hung: Hung in step \d+: no rank of this container/),
        },
        { number: 2, cause: 'succeeded' },
      ],
    });
    // Both pods, from the last step to their ends: the deadline, and what it takes to find out where the ranks are.
    const hungSeconds = (shown.phases['hung'] ?? 0) / 2_000;
    console.log(`hung for ${hungSeconds} s in each pod`);
    expect(hungSeconds).toBeGreaterThan(HANG_SECONDS - 1);
    expect(hungSeconds).toBeLessThan(HANG_SECONDS + 15);
    expect(shown.phases['recomputing']).toBeGreaterThan(0);
    expect(Object.values(shown.phases).reduce((sum, time) => sum + time, 0)).toBe(shown.gpuMilliseconds);

    const { stdout } = await stint(home, 'runs', 'logs', run, '--stage', 'train');
    expect(stdout).toMatch(/^train-a1-0 {2}--- rank 0$/m);
    expect(stdout).toMatch(/^train-a1-0 {2}.*\/trainer\/sft\/\w+\.py", line \d+ in /m);
    const evidence = await readFile(join(workFolder(run), 'hang', 'attempt-1-pod-0.txt'), 'utf8');
    expect(evidence).toMatch(/^Hung in step \d+: .* rank 0 in \w+ \(trainer\/sft\/\w+\.py:\d+\)/);
    expect(evidence).toMatch(/\/trainer\/sft\/\w+\.py", line \d+ in /);
    await expectNothingHeld(run);
  });

  test('when it is cancelled and resumed: it saves at the very step, and goes on there', async () => {
    const { home, launch, run } = await launched();
    await untilStep(run, 70);
    const cancelled = await stint(home, 'runs', 'cancel', run);
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') });
    expect((await launch).exitCode).toBe(1);
    await expectNothingHeld(run);
    const stopped = await showRun(home, run);
    expect(stopped).toMatchObject({
      state: 'stopped',
      attempts: [{ number: 1, cause: expect.stringMatching(/^train: interrupted: /) }],
    });

    expect(await stint(home, 'runs', 'resume', run, '--wait')).toMatchObject({ code: 0 });
    const lives = await livesOf(workFolder(run));
    expect(lives).toHaveLength(2);
    expect(lives[1]?.[0]?.step).toBe((lives[0]?.at(-1)?.step ?? 0) + 1);
    expectSameLosses(lives, undisturbed);
    const shown = await showRun(home, run);
    expect(shown).toMatchObject({ state: 'succeeded', attempts: [{ number: 1 }, { number: 2 }] });
    expect(shown.phases['recomputing'] ?? 0).toBe(0);
    await expectNothingHeld(run);
  });

  // Where servers attend, they are what is killed, all the time.
  test.skipIf(IS_SERVED)(
    'when its stint leaves by Ctrl-C, and the next one by kill -9: it goes on, and a third one ends it',
    async () => {
      const { home, launch, run } = await launched();
      await untilStep(run, 20);
      launch.kill('SIGINT');
      const left = await launch;
      expect(left.exitCode).toBe(1);
      expect(left.stderr).toContain('What is on the cluster goes on there');
      expect(left.stderr).not.toContain('Asking the pods');
      const noticed = await stint(home, 'runs', 'show', run);
      expect(noticed.stderr).toContain(`${run} is on its cluster, and no stint process works on it`);

      const second = startStint(home, 'runs', 'resume', run, '--wait');
      await untilStep(run, 200);
      second.kill('SIGKILL');
      await second;
      await untilStep(run, LONG_STEPS);

      expect(await stint(home, 'runs', 'resume', run, '--wait')).toMatchObject({ code: 0 });
      const lives = await livesOf(workFolder(run));
      expect(lives).toHaveLength(1);
      expectSameLosses(lives, undisturbed);
      const shown = await showRun(home, run);
      expect(shown).toMatchObject({
        state: 'succeeded',
        steps: LONG_STEPS,
        attempts: [{ number: 1, cause: 'succeeded' }],
      });
      expect(Object.values(shown.phases).reduce((sum, time) => sum + time, 0)).toBe(shown.gpuMilliseconds);
      expect(shown.phases).not.toHaveProperty('terminating');
      expect(shown.phases).not.toHaveProperty('recomputing');
      // Each follower began at the first line; what is kept has each line once.
      const { stdout } = await stint(home, 'runs', 'logs', run, '--stage', 'train');
      const steps = [...stdout.matchAll(/^train-a1-0 {2}\{"event": ?"step".*?"step": ?(\d+)/gm)];
      expect(steps.map(([, step]) => Number(step))).toEqual(
        Array.from({ length: LONG_STEPS }, (_, index) => index + 1),
      );
      await expectNothingHeld(run);
    },
  );
});
