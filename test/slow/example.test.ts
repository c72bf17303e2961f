import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../orchestrator/comparison/comparison.ts';
import { stintJson } from '../end-to-end/stint.ts';
import { EXAMPLE_HOME } from './example-home.ts';

let comparison: Comparison;
let told: string;

beforeAll(async () => {
  await rm(EXAMPLE_HOME, { recursive: true, force: true });
  const { stderr } = await execa(process.execPath, ['ops/example.ts'], {
    env: { STINT_HOME: EXAMPLE_HOME, STINT_STORE: '' },
  });
  told = stderr;
  const { runs } = await stintJson<{ runs: { ablation: string }[] }>(EXAMPLE_HOME, 'runs', 'ls');
  comparison = await stintJson(EXAMPLE_HOME, 'compare', runs[0]?.ablation ?? '');
});

/** By rising budget. */
const curve = (evaluations: Comparison['untouched'][number]['evaluations']) =>
  evaluations.toSorted((a, b) => a.budget - b.budget);
const arm = (name: string) => curve(comparison.arms.find((one) => one.name === name)?.evaluations ?? []);

describe('the example', () => {
  it('shows that accuracy grows with the thinking budget', () => {
    const long = arm('long');
    expect(long.length).toBeGreaterThan(2);
    for (const [index, point] of long.entries())
      expect(point.high).toBeGreaterThan(long[index - 1]?.low ?? 0);
    expect(long.at(-1)?.low).toBeGreaterThan(long[0]?.high ?? 1);
  });

  it('shows that an arm that saw no trace to its end is right less often', () => {
    const [largest] = comparison.differences.toSorted((a, b) => b.budget - a.budget);
    expect(largest).toMatchObject({ reference: 'long', arm: 'cut' });
    expect(largest?.accuracy.high).toBeLessThan(-0.2);
  });

  it('begins from a model that cannot do it', () => {
    expect(comparison.untouched).toHaveLength(1);
    for (const point of curve(comparison.untouched[0]?.evaluations ?? []))
      expect(point.low).toBeLessThan(0.05);
    const [largest] = comparison.overUntouched
      .filter((difference) => difference.arm === 'long')
      .toSorted((a, b) => b.budget - a.budget);
    expect(largest?.accuracy.low).toBeGreaterThan(0.2);
  });

  it('tells all the while what it does', () => {
    expect(told).toMatch(/^long train: \d+ of \d+, loss/m);
    expect(told).toMatch(/^cut evaluate: /m);
  });
});
