import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localCluster } from '../../cluster/local/local-cluster.ts';
import { readRun } from '../../orchestrator/controller/read-run.ts';
import { losses } from './losses.ts';
import {
  newHome,
  podProcesses,
  RECIPES,
  showRun,
  startStint,
  stepReached,
  stint,
  stintJson,
  until,
  untilState,
} from './stint.ts';

const RECIPE = join(RECIPES, 'tiny.yaml');
const LAUNCH = ['launch', RECIPE, '--cluster', 'laptop', '--wait', '--json'] as const;
const STEPS = 160;

interface Listed {
  readonly runs: readonly { readonly id: string }[];
}

/** From start to end of every pod of the home's only run, as the cluster recorded them. */
async function podSpans(home: string): Promise<readonly (readonly [from: number, to: number])[]> {
  const run = await onlyRun(home);
  const root = join(home, 'local');
  const cluster = localCluster({ root, checkout: root, pythonBin: root });
  const { pods } = await readRun(cluster, run);
  return pods.map((pod) => [pod.boundAt, pod.endedAt ?? Number.POSITIVE_INFINITY]);
}

function expectNoOverlap(spans: readonly (readonly [from: number, to: number])[]): void {
  const inOrder = spans.toSorted((a, b) => a[0] - b[0]);
  for (const [index, [from]] of inOrder.entries())
    expect(from).toBeGreaterThanOrEqual(inOrder[index - 1]?.[1] ?? 0);
}

async function onlyRun(home: string): Promise<string> {
  const { runs } = await stintJson<Listed>(home, 'runs', 'ls');
  expect(runs).toHaveLength(1);
  return runs[0]?.id ?? '';
}

describe.concurrent('a run whose stint goes away', { timeout: 900_000 }, () => {
  it('killed by kill -9: leaves no process, is marked interrupted, resumes, and ends with the same losses', async () => {
    const home = await newHome();
    const launch = startStint(home, ...LAUNCH);
    await until('60 steps are done', async () => (await stepReached(home)) >= 60);
    launch.kill('SIGKILL');
    await launch;
    await until('no process of the run is left', async () => (await podProcesses(home)).length === 0);

    const run = await onlyRun(home);
    expect(await showRun(home, run)).toMatchObject({ state: 'interrupted', attempts: [{ number: 1 }] });
    const again = await showRun(home, run);
    const [left] = again.attempts;
    expect(left?.cause).toMatch(/^train: interrupted: its controller ended\. /);
    const resumed = await stint(home, 'runs', 'resume', run, '--wait');
    expect(resumed.stderr + resumed.stdout).toContain('succeeded');
    const shown = await showRun(home, run);
    expect(shown).toMatchObject({
      state: 'succeeded',
      steps: STEPS,
      attempts: [{ number: 1 }, { number: 2 }],
    });
    expect(shown.gpuMilliseconds).toBeGreaterThan(again.gpuMilliseconds);
    // It ended with its pods, whenever somebody looked or went on.
    expect(shown.attempts[0]).toEqual(left);

    const calm = await newHome();
    const undisturbed = await stintJson<{ runs: { id: string }[] }>(calm, ...LAUNCH.slice(0, -1));
    const calmRun = await showRun(calm, undisturbed.runs[0]?.id ?? '');
    expect(await losses(shown.workFolder, 2)).toEqual(await losses(calmRun.workFolder, 1));
  });

  it('interrupted by Ctrl-C: saves, can be resumed, and counts no step twice as training', async () => {
    const home = await newHome();
    const launch = startStint(home, ...LAUNCH);
    await until('40 steps are done', async () => (await stepReached(home)) >= 40);
    launch.kill('SIGINT');
    expect((await launch).exitCode).toBe(1);
    expect(await podProcesses(home)).toEqual([]);
    const run = await onlyRun(home);
    const interrupted = await showRun(home, run);
    expect(interrupted.state).toBe('interrupted');
    expect(interrupted.phases['terminating']).toBeGreaterThan(0);
    expect((await stint(home, 'runs', 'resume', run, '--wait')).code).toBe(0);
    // The checkpoint was saved at the very step that had been reached, so nothing is done again.
    expect((await showRun(home, run)).phases['recomputing'] ?? 0).toBe(0);
  });

  it('cancelled from another terminal: is stopped, and a second resume brings it to its end', async () => {
    const home = await newHome();
    const launch = startStint(home, ...LAUNCH);
    await until('10 steps are done', async () => (await stepReached(home)) >= 10);
    const run = await onlyRun(home);
    const cancelled = await stint(home, 'runs', 'cancel', run);
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') });
    expect((await launch).exitCode).toBe(1);
    expect(await podProcesses(home)).toEqual([]);
    expect((await stint(home, 'runs', 'resume', run, '--wait')).code).toBe(0);
    expect((await showRun(home, run)).state).toBe('succeeded');
  });

  it('killed again and again, whenever: is never forgotten, never works twice at once, and ends', async () => {
    const home = await newHome();
    const first = startStint(home, ...LAUNCH);
    await until(
      'the run is recorded',
      async () => (await stintJson<Listed>(home, 'runs', 'ls')).runs.length === 1,
    );
    first.kill('SIGKILL');
    const run = await onlyRun(home);
    for (const delay of [300, 500, 700, 900, 1_200, 1_600, 2_500, 4_000, 6_000]) {
      await untilState(home, run, 'interrupted');
      const again = startStint(home, 'runs', 'resume', run, '--wait');
      await new Promise((resolve) => setTimeout(resolve, delay));
      again.kill('SIGKILL');
    }
    await untilState(home, run, 'interrupted');
    expect((await stint(home, 'runs', 'resume', run, '--wait')).code).toBe(0);
    expect(await showRun(home, run)).toMatchObject({ state: 'succeeded', steps: STEPS });
    expect(await podProcesses(home)).toEqual([]);
    expectNoOverlap(await podSpans(home));
  });
});
