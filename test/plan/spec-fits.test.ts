import { describe, expect, it } from 'vitest';
import { jobSpecText } from '../../orchestrator/render/job-spec.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import { plan, profile, recipe } from './fixtures.ts';

const CONFIG_MAP_BYTES = 1_048_576;
const prompted = (systemPrompt: string) => {
  const s1 = recipe('s1-32b');
  return { ...s1, dataset: { ...s1.dataset, systemPrompt } };
};
const names = (systemPrompt: string, cluster = 'h100-16') =>
  plan(prompted(systemPrompt), cluster).verdicts.map(({ name }) => name);

describe('spec-fits', () => {
  it('refuses what no ConfigMap can carry to the pods, and names the largest part', () => {
    const found = plan(prompted('é'.repeat(600_000)), 'h100-16').verdicts.find(
      ({ name }) => name === 'spec-fits',
    );
    expect(found).toMatchObject({ ok: false, refuses: true });
    expect(found?.message).toMatch(/^the recipe has 1,20\d,\d{3} bytes, .* shorten dataset\.systemPrompt/);
  });

  it('says nothing where it fits, and nothing where the specification is a file', () => {
    expect(names('x'.repeat(900_000))).not.toContain('spec-fits');
    expect(names('x'.repeat(2_000_000), 'laptop')).not.toContain('spec-fits');
  });

  it.each([1_020_000, 1_025_000, 1_030_000, 1_040_000])(
    'lets nothing pass that is too large in the end: %i characters',
    (length) => {
      const long = prompted('x'.repeat(length));
      const on = profile('h100-16');
      const decision = {
        run: 'r-1',
        recipe: long,
        recipeDigest: `sha256:${'a'.repeat(64)}`,
        inputs: NO_INPUTS,
        profile: on,
        plan: plan(long, on),
      };
      const fits = Buffer.byteLength(jobSpecText(decision)) <= CONFIG_MAP_BYTES;
      expect(fits || names('x'.repeat(length)).includes('spec-fits')).toBe(true);
    },
  );
});
