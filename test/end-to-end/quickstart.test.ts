import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../orchestrator/comparison/comparison.ts';
import { newHome, stint, stintJson } from './stint.ts';

let home: string;
let printed: string;
let comparison: Comparison;

beforeAll(async () => {
  home = await newHome();
  const { code, stdout, stderr } = await stint(
    home,
    'launch',
    'recipes/quickstart.yaml',
    '--cluster',
    'laptop',
    '--wait',
  );
  if (code !== 0) throw new Error(stderr);
  printed = stdout;
  const { runs } = await stintJson<{ runs: { ablation: string }[] }>(home, 'runs', 'ls');
  comparison = await stintJson(home, 'compare', runs[0]?.ablation ?? '');
}, 600_000);

const arm = (name: string) => {
  const found = comparison.arms.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no arm ${name}`);
  return found;
};
const accuracies = (name: string) =>
  arm(name)
    .evaluations.filter((evaluation) => evaluation.control === 'budget')
    .toSorted((a, b) => a.budget - b.budget);

describe('the quickstart', () => {
  it('shows that accuracy rises with the thinking budget (s1, Figure 1)', () => {
    const curve = accuracies('long');
    expect(curve.length).toBeGreaterThanOrEqual(5);
    for (const [index, point] of curve.entries())
      expect(point.high).toBeGreaterThanOrEqual(curve[index - 1]?.low ?? 0);
    expect(curve.at(-1)?.low).toBeGreaterThan(curve[0]?.high ?? 1);
  });

  it('shows that the arm that never saw the answers thinks longer and scores lower (s1, Table 8)', () => {
    const largest = comparison.differences
      .filter(({ times }) => times === 0)
      .toSorted((a, b) => b.budget - a.budget)[0];
    expect(largest).toMatchObject({ reference: 'short', arm: 'long' });
    expect(largest?.accuracy.low).toBeGreaterThan(0);
    expect(largest?.thinkingTokens.high).toBeLessThan(0);
    expect(arm('short').truncatedShare).toBeGreaterThan(0.5);
    expect(arm('long').truncatedShare).toBe(0);
  });

  it('ends with a table, two checkpoints and the path of a report', () => {
    expect(printed).toMatch(/^ARM .*DEVICE-HOURS .*COST$/m);
    expect(printed.match(/^checkpoint of (short|long): c-[0-9a-f]{12}$/gm)).toHaveLength(2);
    expect(existsSync(/^report: (.*)$/m.exec(printed)?.[1] ?? join(home, 'none'))).toBe(true);
  });
});
