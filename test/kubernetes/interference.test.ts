import { beforeEach, describe, expect, test } from 'vitest';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import { stintJson } from '../end-to-end/stint.ts';
import { deactivate } from './faults/workload.ts';
import { kubectl, kubectlGet } from './kubectl.ts';
import { needsRealNode } from './needs-real-node.ts';
import { AS_LAUNCHED } from './profile.ts';
import { expectNothingHeld, NAMESPACE, runningPod } from './real-stint.ts';
import { startScripted } from './scripted-run.ts';

beforeEach(needsRealNode);

const PROFILE: ClusterProfile = { ...AS_LAUNCHED, grace: 5 };
const SAVES_ON_TERM = `trap 'exit 75' TERM; while :; do sleep 0.05; done`;

interface Shown {
  readonly attempts: readonly { readonly number: number; readonly cause: string | null }[];
  readonly gpuMilliseconds: number;
}
const show = (home: string, run: string) => stintJson<Shown>(home, 'runs', 'show', run);

async function jobSetsOf(run: string): Promise<readonly unknown[]> {
  const selector = `--selector=stint.dev/run=${run}`;
  const { items } = await kubectlGet('jobsets', `--namespace=${NAMESPACE}`, selector);
  return items as readonly unknown[];
}

/** Of both pods, from being bound to their ends as the API server told them. */
async function started(script: string) {
  const run = await startScripted({ script, profile: PROFILE });
  await runningPod(run.id, 0);
  await runningPod(run.id, 1);
  return { ...run, job: jobName(run.id, 'train', 1) };
}

describe('somebody', () => {
  test('deactivates the workload: the run is stopped in those words, and its job is removed', async () => {
    const run = await started(SAVES_ON_TERM);
    await deactivate(NAMESPACE, run.job);
    expect((await run.ended).state).toMatchObject({
      kind: 'stopped',
      message: expect.stringMatching(/deactivated/i),
    });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      { number: 1, cause: expect.stringContaining('train: interrupted') },
    ]);
    expect(await jobSetsOf(run.id)).toEqual([]);
    await expectNothingHeld(run.id);
  });

  test('deletes the JobSet: the run is stopped in those words, its pods are settled, and it goes', async () => {
    const run = await started(SAVES_ON_TERM);
    await kubectl(['delete', 'jobset', run.job, `--namespace=${NAMESPACE}`, '--wait=false']);
    expect((await run.ended).state).toMatchObject({
      kind: 'stopped',
      message: `somebody has deleted ${run.job}`,
    });
    const shown = await show(run.home, run.id);
    expect(shown.attempts).toHaveLength(1);
    expect(shown.gpuMilliseconds).toBeGreaterThan(0);
    expect(await jobSetsOf(run.id)).toEqual([]);
    await expectNothingHeld(run.id);
  });

  test('deletes a pod: its gang starts again, and that counts', async () => {
    const run = await started(
      `[ -e /var/lib/stint/work/once ] && exit 64; trap 'touch /var/lib/stint/work/once; exit 75' TERM; while :; do sleep 0.05; done`,
    );
    const pod = await runningPod(run.id, 1);
    await kubectl(['delete', 'pod', pod, `--namespace=${NAMESPACE}`, '--wait=false']);
    expect((await run.ended).state).toMatchObject({ kind: 'failed', exitClass: 'usage' });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      { number: 1, cause: expect.stringContaining('train: interrupted') },
      { number: 2, cause: expect.stringContaining('train: usage') },
    ]);
    await expectNothingHeld(run.id);
  });
});
