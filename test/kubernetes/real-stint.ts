import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { workOf } from '../../ops/test-cluster/layout.ts';
import { newHome, stintJson, until } from '../end-to-end/stint.ts';
import { kubectlGet } from './kubectl.ts';
import { TEST_REAL_PATH } from './profile.ts';
import { IS_SERVED, serveHome } from './served/served-home.ts';

/** Where runs of the profile `test-real` live. */
export const NAMESPACE = 'runs';
export const LONG = join(import.meta.dirname, 'recipes/long.yaml');
export const LONG_STEPS = 400;

export interface RealHome {
  readonly home: string;
  /** Path of the profile of the real node, with the place where this machine sees its volume. */
  readonly profile: string;
}

/** A home of its own for stint processes that launch on the real node; `backend`: more lines of the profile's backend. */
export async function realHome(...backend: readonly string[]): Promise<RealHome> {
  const home = await newHome();
  const profile = join(home, 'test-real.yaml');
  const text = await readFile(TEST_REAL_PATH, 'utf8');
  const volume = '  volumeClaim: stint-work\n';
  expect(text).toContain(volume);
  const lines = [`workFolder: ${workOf(NAMESPACE)}`, ...backend].map((line) => `  ${line}\n`);
  await writeFile(profile, text.replace(volume, `${volume}${lines.join('')}`));
  if (IS_SERVED) await serveHome(home);
  return { home, profile };
}

/** The home's runs by arm, or its only one. */
export async function onlyRun(home: string): Promise<string> {
  const { runs } = await stintJson<{ runs: { id: string }[] }>(home, 'runs', 'ls');
  expect(runs).toHaveLength(1);
  return runs[0]?.id ?? '';
}

export const workFolder = (run: string): string => join(workOf(NAMESPACE), 'runs', run);

export interface Step {
  readonly step: number;
  readonly loss: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Steps as the first pod has reported them, one list for each time that the gang has begun; the first one first. */
export async function livesOf(work: string): Promise<readonly (readonly Step[])[]> {
  const lives = (await eventsOf(work)).map((events) => events.filter(({ event }) => event === 'step'));
  return lives
    .map((steps) => steps.map(({ step, loss, at }) => ({ step, loss, at })))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => (a[0]?.at ?? 0) - (b[0]?.at ?? 0));
}

/** The second life goes on from the newest checkpoint of the first one, which is written beside the steps after it. */
export async function expectResumedFromCheckpoint(
  work: string,
  [first = [], second = []]: readonly (readonly Step[])[],
  everySteps: number,
): Promise<void> {
  const [next] = second;
  if (next === undefined) throw new Error('there is no second life');
  const events = (await eventsOf(work)).flat();
  const saved = events.filter(({ event, at }) => event === 'checkpoint' && at < next.at);
  expect(next.step).toBe(Math.max(...saved.map(({ step }) => step)) + 1);
  expect(Math.max(...first.map(({ step }) => step)) - next.step).toBeLessThan(2 * everySteps);
}

async function eventsOf(work: string): Promise<readonly (readonly (Step & { readonly event: string })[])[]> {
  const folder = join(work, 'events');
  const files = (await readdir(folder).catch(() => [])).filter((file) => /^train-a\d+-0\./.test(file));
  return Promise.all(
    files.map(async (file) => {
      const lines = (await readFile(join(folder, file), 'utf8')).split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Step & { readonly event: string });
    }),
  );
}

/** The name of a training pod of the run that runs. */
export async function runningPod(run: string, index = 0): Promise<string> {
  let found = '';
  await until('a pod runs', async () => {
    const selector = `stint.dev/run=${run},stint.dev/stage=train,batch.kubernetes.io/job-completion-index=${index}`;
    const { items } = (await kubectlGet(
      'pods',
      `--namespace=${NAMESPACE}`,
      `--selector=${selector}`,
    )) as unknown as {
      items: readonly {
        metadata: { name: string };
        status: { containerStatuses?: readonly { state: object }[] };
      }[];
    };
    found =
      items.find(({ status }) => 'running' in (status.containerStatuses?.[0]?.state ?? {}))?.metadata.name ??
      '';
    return found !== '';
  });
  return found;
}

/** Waits until the run's newest life has made this step. */
export async function untilStep(run: string, step: number, life = 1): Promise<void> {
  await until(`step ${step} of life ${life}`, async () => {
    const lives = await livesOf(workFolder(run));
    return lives.length >= life && (lives.at(-1)?.at(-1)?.step ?? 0) >= step;
  });
}

/** Waits for the run that a launch records, and gives its id. */
export async function launchedRun(home: string): Promise<string> {
  await until('the run is recorded', async () => {
    const { runs } = await stintJson<{ runs: unknown[] }>(home, 'runs', 'ls').catch(() => ({ runs: [] }));
    return runs.length === 1;
  });
  return onlyRun(home);
}

/** Every life's loss of each step is the undisturbed run's, and no step is missing. */
export function expectSameLosses(
  lives: readonly (readonly Step[])[],
  undisturbed: readonly (readonly Step[])[],
): void {
  const [calm = []] = undisturbed;
  const expected = new Map(calm.map(({ step, loss }) => [step, loss]));
  for (const { step, loss } of lives.flat())
    expect(Math.abs(loss - (expected.get(step) ?? Number.NaN)), `loss of step ${step}`).toBeLessThanOrEqual(
      1e-5,
    );
  expect(new Set(lives.flat().map(({ step }) => step))).toEqual(new Set(expected.keys()));
}

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly finalizers?: readonly string[] };
    readonly spec: { readonly ttlSecondsAfterFinished?: number; readonly clusterIP?: string };
    readonly status: {
      readonly phase?: string;
      readonly terminalState?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

/**
 * What is left of a run in the cluster holds nothing and goes by itself: finished JobSets with the day that they stay as a
 * record, and what is theirs.
 */
export async function expectNothingHeld(run: string): Promise<void> {
  const list = async (kinds: string) =>
    ((await kubectlGet(kinds, `--namespace=${NAMESPACE}`)) as unknown as Listed).items.filter(
      ({ metadata }) => metadata.name.includes(run),
    );
  const ours = 'stint.dev/usage-settled';
  for (const { metadata, spec, status } of await list('jobsets')) {
    expect(metadata.finalizers ?? []).not.toContain(ours);
    expect(spec.ttlSecondsAfterFinished).toBe(86_400);
    expect(['Completed', 'Failed']).toContain(status.terminalState);
  }
  for (const { metadata, status } of await list('pods')) {
    expect(metadata.finalizers ?? []).not.toContain(ours);
    expect(['Succeeded', 'Failed']).toContain(status.phase);
  }
  for (const { status } of await list('workloads'))
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Finished', status: 'True' }));
  expect(await list('configmaps')).toEqual([]);
}
