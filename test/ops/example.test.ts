import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fitProfile, SMALLEST_MEMORY } from '../../ops/example/fit-profile.ts';
import { profileText } from '../../ops/example/profile-text.ts';
import { type ListedRun, unfinishedRuns } from '../../ops/example/unfinished-runs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { exampleRecipe } from '../recipes/example-recipe.ts';

const GIB = 2 ** 30;

async function profileOf(cores: number, memoryBytes: number): Promise<ClusterProfile> {
  const fitted = fitProfile({ cores, memoryBytes });
  if (fitted === null) throw new Error('refused');
  const file = join(mkdtempSync(join(tmpdir(), 'stint-example-')), 'profile.yaml');
  writeFileSync(file, profileText('.', fitted));
  return loadProfile(file);
}

/** From the lengths in the recipe: neither the model nor a tokenizer is here. */
async function plans(profile: ClusterProfile): Promise<readonly Plan[]> {
  const { arms } = await loadRecipe(exampleRecipe());
  expect(arms.length).toBeGreaterThan(1);
  return arms.map(({ recipe, recipeDigest }) => makePlan(recipe, recipeDigest, profile));
}

const refusals = async (profile: ClusterProfile): Promise<readonly string[]> =>
  (await plans(profile)).flatMap(({ basis, verdicts }) => {
    expect(basis).toBe('histogram');
    return verdicts.filter(({ ok, refuses }) => refuses && !ok).map(({ message }) => message);
  });

describe('the example’s profile', () => {
  it.each([
    [1, SMALLEST_MEMORY],
    [2, SMALLEST_MEMORY],
    [2, 16 * GIB],
    [3, 24 * GIB],
    [8, 16 * GIB],
    [64, 512 * GIB],
  ])('lets the example be launched on %i cores with %i bytes', async (cores, memoryBytes) => {
    expect(await refusals(await profileOf(cores, memoryBytes))).toEqual([]);
  });

  it('takes no more than there is, and leaves memory to others', async () => {
    for (const cores of [1, 2, 3, 5, 16, 128])
      for (const memoryBytes of [SMALLEST_MEMORY, 17.3 * GIB, 1024 * GIB]) {
        const { devicesPerNode, device, node, backend } = await profileOf(cores, memoryBytes);
        if (backend.kind !== 'local') throw new Error('a machine is a local backend');
        expect(devicesPerNode * backend.threadsPerProcess).toBeLessThanOrEqual(cores);
        expect(node.cpus).toBe(devicesPerNode * backend.threadsPerProcess);
        expect(devicesPerNode * device.memory).toBeLessThanOrEqual(node.memory);
        expect(node.memory).toBeLessThanOrEqual(memoryBytes - 2 * GIB);
        expect(device.peakTflops).toBeCloseTo(0.096 * backend.threadsPerProcess);
      }
  });

  it('is refused where the machine is too small, as the plan would refuse it', async () => {
    expect(fitProfile({ cores: 2, memoryBytes: SMALLEST_MEMORY - 1 })).toBeNull();
    const smallest = await profileOf(2, SMALLEST_MEMORY);
    const below = { ...smallest.node, memory: smallest.node.memory - 3 * GIB };
    expect((await refusals({ ...smallest, node: below })).join()).toContain('does not fit');
  });

  it('recomputes nothing where a machine has 16 GiB, as whole traces must with the laptop’s own', async () => {
    const modes = async (profile: ClusterProfile) => (await plans(profile)).map(({ recompute }) => recompute);
    expect(new Set(await modes(await profileOf(2, 16 * GIB)))).toEqual(new Set(['none']));
    expect(new Set(await modes(await loadProfile('laptop')))).not.toEqual(new Set(['none']));
  });
});

describe('the example, run again,', () => {
  const run = (id: string, state: string, more: Partial<ListedRun> = {}): ListedRun => ({
    id,
    state,
    recipe: 'smollm2',
    ablation: 'a-2',
    ...more,
  });

  it('goes on with what is unfinished of the newest one, in the order in which it was begun', () => {
    const newestFirst = [
      run('r-9', 'interrupted', { recipe: 'other' }),
      run('r-4', 'queued'),
      run('r-3', 'interrupted'),
    ];
    expect(unfinishedRuns(newestFirst, 'smollm2')).toEqual(['r-3', 'r-4']);
    expect(unfinishedRuns([run('r-4', 'interrupted'), run('r-3', 'succeeded')], 'smollm2')).toEqual(['r-4']);
  });

  it('begins again where the newest has reached its end or was ended, whatever older ones left', () => {
    const older = run('r-1', 'interrupted', { ablation: 'a-1' });
    for (const state of ['succeeded', 'stopped'])
      expect(unfinishedRuns([run('r-4', state), run('r-3', state), older], 'smollm2')).toEqual([]);
    expect(unfinishedRuns([], 'smollm2')).toEqual([]);
  });

  it('does not go on with a single arm that somebody launched by itself', () => {
    expect(unfinishedRuns([run('r-4', 'interrupted', { ablation: null })], 'smollm2')).toEqual([]);
  });
});
