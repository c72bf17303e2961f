import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { AblationSchema } from '../../orchestrator/recipe/ablation.ts';
import { expandAblation } from '../../orchestrator/recipe/expand-ablation.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { RecipeSchema } from '../../orchestrator/recipe/recipe.ts';

const read = (path: string): unknown => parse(readFileSync(path, 'utf8'));
const fineTune = (name: string) => FineTuneSchema.parse(read(`recipes/${name}.yaml`));

/** What the published run used (s1's train/sft.sh and appendix D). */
const PUBLISHED = {
  sequenceLength: 32_768,
  epochs: 5,
  globalBatch: 16,
  optimizer: {
    kind: 'adamw',
    learningRate: 1e-5,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 1e-4,
    gradientClip: 1,
  },
  schedule: { kind: 'cosine', warmupRatio: 0.05 },
  seed: 42,
  compute: 'bf16',
};

describe('shipped recipes', () => {
  it.each(globSync('recipes/**/*.yaml'))('%s is a valid recipe with everything it refers to', (path) => {
    const recipe = RecipeSchema.parse(read(path));
    if (recipe.kind !== 'Ablation') return;
    const base =
      typeof recipe.base === 'string'
        ? FineTuneSchema.parse(read(join(dirname(path), recipe.base)))
        : recipe.base;
    expect(expandAblation(recipe, base)).toHaveLength(recipe.arms.length);
  });

  it('s1-32b has the published hyperparameters, and its variants differ only in what they are for', () => {
    expect(fineTune('s1-32b').training).toMatchObject(PUBLISHED);
    expect(fineTune('s1-59k').training).toMatchObject(PUBLISHED);
    expect(fineTune('s1.1-32b').training).toMatchObject({ ...PUBLISHED, sequenceLength: 20_000 });
    const { training, ...rest } = fineTune('s1-32b-as-published');
    expect(training).toMatchObject({
      ...PUBLISHED,
      asPublished: true,
      sequenceParallel: 1,
      recompute: 'full',
      compile: false,
    });
    expect(rest.dataset).toEqual(fineTune('s1-32b').dataset);
    expect(rest.model).toEqual(fineTune('s1-32b').model);
  });

  it('the sequence-length ablation cuts on purpose in both arms', () => {
    const ablation = AblationSchema.parse(read('recipes/ablations/sequence-length.yaml'));
    const arms = expandAblation(ablation, fineTune('s1-32b'));
    expect(arms.map(({ value }) => value)).toEqual([4096, 32_768]);
    expect(arms.every(({ recipe }) => recipe.dataset.overLength === 'truncate')).toBe(true);
  });

  const figures = '../shared/data/s1-figure-points.json';
  it('histograms are the published figure’s', (context) => {
    if (!existsSync(figures)) {
      console.log(`skipped: ${figures} is not here`);
      context.skip();
    }
    const bin = z.object({ lo: z.int(), hi: z.int(), count: z.int() });
    const points = z.looseObject({}).parse(read(figures));
    for (const [name, key] of [
      ['s1-32b', 'trace_length_hist_s1K_gemini'],
      ['s1.1-32b', 'trace_length_hist_s1K_1_1_r1'],
    ] as const) {
      const expected = z
        .array(bin)
        .parse(points[key])
        .filter(({ count }) => count > 0)
        .map(({ lo, hi, count }) => ({ from: lo, to: hi, count }));
      expect(fineTune(name).dataset.lengths?.bins).toEqual(expected);
    }
  });
});

describe('shipped cluster profiles', () => {
  it.each(globSync('cluster/profiles/*.yaml'))(
    '%s is valid, named as its file, and says what it costs',
    (path) => {
      const profile = ClusterProfileSchema.parse(read(path));
      expect(profile.name).toBe(basename(path, '.yaml'));
      expect(profile.price.perDeviceHour).toBeGreaterThan(0);
    },
  );
});
