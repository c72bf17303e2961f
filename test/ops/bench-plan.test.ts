import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BENCH_PLAN, benchPlanText } from '../../ops/bench-plan.ts';
import { simulateSteps } from '../../orchestrator/plan/balance.ts';
import { tokensPerRank } from '../../orchestrator/plan/filler.ts';
import { loadOf } from '../../orchestrator/plan/flops.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import { plan, profile, recipe } from '../plan/fixtures.ts';

const figures = JSON.parse(readFileSync(BENCH_PLAN, 'utf8'));

describe('what the GPU bench measures against', () => {
  it('is as the planner says (fix: npm run bench:plan)', async () => {
    expect(readFileSync(BENCH_PLAN, 'utf8')).toBe(await benchPlanText());
  });

  it('has the steps that the plan itself simulates', () => {
    const { lengths, layout, cost } = sizeUp(recipe('s1-32b'), profile('h100-16'));
    const { globalBatch: batch, epochs, seed } = recipe('s1-32b').training;
    const costOf = (length: number) => cost(loadOf([length]));
    const steps = simulateSteps({
      lengths: lengths.kept,
      batch,
      epochs,
      groups: layout.groups,
      seed,
      cost: costOf,
    });
    const tokens = steps.map((groups) => {
      const slowest = groups.reduce((most, group) => (cost(group) > cost(most) ? group : most));
      return tokensPerRank(slowest, layout);
    });
    expect(figures.tokensByStep).toEqual(tokens);
  });

  it('gives back the plan of a step from its cases: computing and exchange at the median are the mean to 3%', () => {
    const { duration } = plan('s1-32b', 'h100-16');
    const median = figures.cases.find(({ name }: { name: string }) => name === 'median');
    const seconds = median.computeSeconds[median.mode] + median.exchangeSeconds[median.mode];
    expect(Math.abs(seconds / duration.computeSeconds - 1)).toBeLessThan(0.03);
  });
});
