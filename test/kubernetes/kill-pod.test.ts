import { beforeEach, expect, test } from 'vitest';
import { newHome, showRun, startStint, stintJson } from '../end-to-end/stint.ts';
import { killContainer } from './faults/kill-container.ts';
import { needsRealNode } from './needs-real-node.ts';
import {
  expectNothingHeld,
  expectSameLosses,
  LONG,
  launchedRun,
  livesOf,
  NAMESPACE,
  realHome,
  runningPod,
  untilStep,
  workFolder,
} from './real-stint.ts';

beforeEach(needsRealNode);

test('a container killed in mid-training: its gang starts again, goes on from the last checkpoint, and ends the same', {
  timeout: 300_000,
}, async () => {
  const { home, profile } = await realHome();
  const launch = startStint(home, 'launch', LONG, '--cluster', profile, '--wait');
  const run = await launchedRun(home);
  await untilStep(run, 120);
  const pod = await runningPod(run, 1);
  const killedAt = Date.now();
  await killContainer(NAMESPACE, pod);
  const { exitCode, stderr } = await launch;
  expect(exitCode, stderr).toBe(0);

  const lives = await livesOf(workFolder(run));
  expect(lives).toHaveLength(2);
  const reached = lives[0]?.at(-1)?.step ?? 0;
  const [first] = lives[1] ?? [];
  const fresh = lives[1]?.find(({ step }) => step > reached);
  const seconds = (at = Number.NaN) => (at - killedAt) / 1_000;
  console.log(
    `killed after step ${reached}; step ${first?.step} again after ${seconds(first?.at)} s, new step ${fresh?.step} after ${seconds(fresh?.at)} s`,
  );
  expect(((first?.step ?? 0) - 1) % 50).toBe(0);
  expect(first?.step).toBeLessThanOrEqual(reached);
  expect(seconds(first?.at)).toBeLessThanOrEqual(15);

  const shown = await showRun(home, run);
  expect(shown).toMatchObject({
    state: 'succeeded',
    attempts: [
      { number: 1, cause: expect.stringMatching(/^train: .*SIGKILL/) },
      { number: 2, cause: 'succeeded' },
    ],
  });
  expect(shown.phases['recomputing']).toBeGreaterThan(0);

  const calm = await newHome();
  await stintJson(calm, 'launch', LONG, '--cluster', 'laptop', '--wait');
  const { runs } = await stintJson<{ runs: { id: string }[] }>(calm, 'runs', 'ls');
  const undisturbed = await showRun(calm, runs[0]?.id ?? '');
  expectSameLosses(lives, await livesOf(undisturbed.workFolder));
  await expectNothingHeld(run);
});
