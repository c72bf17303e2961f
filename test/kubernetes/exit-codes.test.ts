import { beforeEach, describe, expect, test } from 'vitest';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import { stint, stintJson, until } from '../end-to-end/stint.ts';
import { killContainer } from './faults/kill-container.ts';
import { needsRealNode } from './needs-real-node.ts';
import { AS_LAUNCHED } from './profile.ts';
import { expectNothingHeld, NAMESPACE, runningPod } from './real-stint.ts';
import { startScripted } from './scripted-run.ts';

beforeEach(needsRealNode);

const ONE: ClusterProfile = { ...AS_LAUNCHED, nodes: 1, grace: 5 };
const backendOf = ({ backend }: ClusterProfile) => backend as KubernetesBackend;
/** The second time that the pod starts it ends as a wrong command line would, so that the run ends. */
const once = (script: string) =>
  `[ -e /var/lib/stint/work/once ] && exit 64; touch /var/lib/stint/work/once; ${script}`;

interface Shown {
  readonly state: string;
  readonly message: string | null;
  readonly attempts: readonly { readonly number: number; readonly cause: string | null }[];
}
const show = (home: string, run: string) => stintJson<Shown>(home, 'runs', 'show', run);

describe('a container that ends with', () => {
  test('code 64 was called wrongly, which no other try fixes', async () => {
    const run = await startScripted({ script: 'exit 64', profile: ONE });
    expect((await run.ended).state).toMatchObject({
      kind: 'failed',
      failure: 'configuration',
      exitClass: 'usage',
    });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      {
        number: 1,
        cause: expect.stringMatching(/^train: usage: .* exited with code 64 and left no message/),
      },
    ]);
    await expectNothingHeld(run.id);
  });

  test('code 1 says nothing, and fails the run', async () => {
    const run = await startScripted({ script: 'exit 1', profile: ONE });
    expect((await run.ended).state).toMatchObject({
      kind: 'failed',
      failure: 'infrastructure',
      exitClass: 'unknown',
    });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      {
        number: 1,
        cause: expect.stringMatching(/^train: unknown: .* exited with code 1 and left no message/),
      },
    ]);
    await expectNothingHeld(run.id);
  });

  test('code 80 may be the machine’s doing, and is started again', async () => {
    const run = await startScripted({ script: once('exit 80'), profile: ONE });
    expect((await run.ended).state).toMatchObject({ kind: 'failed', exitClass: 'usage' });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      { number: 1, cause: expect.stringMatching(/^train: infrastructure: .* exited with code 80/) },
      { number: 2, cause: expect.stringContaining('train: usage: ') },
    ]);
  });

  test('code 75 was interrupted, and is started again', async () => {
    const run = await startScripted({ script: once('exit 75'), profile: ONE });
    expect((await run.ended).state).toMatchObject({ kind: 'failed', exitClass: 'usage' });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      { number: 1, cause: expect.stringContaining('train: interrupted: ') },
      { number: 2, cause: expect.stringContaining('train: usage: ') },
    ]);
  });

  test('code 137 because somebody killed it may be the machine’s doing, and is started again', async () => {
    const run = await startScripted({ script: once('sleep 60'), profile: ONE });
    await killContainer(NAMESPACE, await runningPod(run.id));
    expect((await run.ended).state).toMatchObject({ kind: 'failed', exitClass: 'usage' });
    expect((await show(run.home, run.id)).attempts).toMatchObject([
      { number: 1, cause: expect.stringMatching(/train: infrastructure: .*SIGKILL/) },
      { number: 2, cause: expect.stringContaining('train: usage: ') },
    ]);
  });

  test('code 137 for want of host memory fails the run, and says what its limit was', async () => {
    const profile = { ...ONE, node: { ...ONE.node, memory: 48 << 20 } };
    const run = await startScripted({ script: 'exec python -c "x = bytearray(200 << 20)"', profile });
    expect((await run.ended).state).toMatchObject({
      kind: 'failed',
      failure: 'user',
      exitClass: 'out-of-memory',
      message: expect.stringContaining('its limit is 48Mi'),
    });
    expect((await show(run.home, run.id)).attempts).toHaveLength(1);
  });
});

describe('a container that does not start because', () => {
  test('its image is not to be had: says so while it waits, and ends after the deadline of the profile', async () => {
    const backend = backendOf(ONE);
    const profile: ClusterProfile = {
      ...ONE,
      backend: {
        ...backend,
        images: { ...backend.images, trainer: 'test.local/not-there:test' },
        deadlines: { ...backend.deadlines, imagePull: 15 },
      },
    };
    const run = await startScripted({ script: 'exit 0', profile });
    const shown = until('the obstacle is shown', async () =>
      /waits +the container of \S+ does not start on real-0: (ErrImage|ImagePull)\w+: .*test\.local\/not-there/.test(
        (await stint(run.home, 'runs', 'show', run.id)).stdout,
      ),
    );
    await Promise.race([shown, run.ended.then(() => Promise.reject(new Error('ended, and never shown')))]);
    expect((await run.ended).state).toMatchObject({
      kind: 'failed',
      failure: 'configuration',
      exitClass: 'configuration',
      message: expect.stringContaining('test.local/not-there:test'),
    });
    expect((await show(run.home, run.id)).message).toContain('ended after 15');
    await expectNothingHeld(run.id);
  });

  test('its command does not exist: fails the run and names the command', async () => {
    const run = await startScripted({ script: '', command: ['no-such-command'], profile: ONE });
    expect((await run.ended).state).toMatchObject({
      kind: 'failed',
      exitClass: 'configuration',
      message: expect.stringContaining('no-such-command'),
    });
    expect((await show(run.home, run.id)).attempts).toHaveLength(1);
  });
});
