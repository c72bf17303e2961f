import { describe, expect, it } from 'vitest';
import { UNCALIBRATED } from '../../orchestrator/plan/calibration.ts';
import { makeAblationPlan, type PlannedArm } from '../../orchestrator/plan/make-ablation-plan.ts';
import { makeSweep } from '../../orchestrator/plan/sweep.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import type { Training } from '../../orchestrator/recipe/training.ts';
import { DIGEST, plan, profile, trainedOnly, verdict, withTraining } from './fixtures.ts';

const base = trainedOnly('s1-32b');
const cutting: FineTune = { ...base, dataset: { ...base.dataset, overLength: 'truncate' } };
const on = profile('h100-16');
const sweep = (variants: readonly (readonly [unknown, Partial<Training>])[], of = cutting, where = on) =>
  makeSweep(
    of,
    'training.x',
    variants.map(([value, training]) => ({
      value,
      recipe: withTraining(of, training),
      recipeDigest: DIGEST,
    })),
    where,
    () => UNCALIBRATED,
  );
const length = (sequenceLength: number) => [sequenceLength, { sequenceLength }] as const;

describe('a sweep', () => {
  it('has each value’s plan in a line', () => {
    const swept = sweep([length(4_096), length(16_384)]);
    const { gpuHours, cost, memory, duration, truncatedShare, truncatedTraceShare } = plan(
      withTraining(cutting, { sequenceLength: 4_096 }),
      on,
    );
    expect(swept).toMatchObject({
      recipe: base.name,
      cluster: 'h100-16',
      factor: 'training.x',
      truncates: false,
    });
    expect(swept.points[0]).toEqual({
      value: 4_096,
      truncatedShare,
      truncatedTraceShare,
      gpuHours,
      cost,
      memory: { perGpuBytes: memory.perGpuBytes, capacityBytes: memory.capacityBytes },
      stepSeconds: duration.stepSeconds,
      refused: [],
    });
    expect(sweep([length(4_096)], base).truncates).toBe(true);
  });

  it('names the cheapest value that cuts nothing, where some value cuts', () => {
    const { points, whole, longestSample } = sweep([
      ['dear', { sequenceLength: 32_768, epochs: 7 }],
      ['cuts', { sequenceLength: 4_096, epochs: 1 }],
      ['cheap', { sequenceLength: 32_768, epochs: 2 }],
      ['alike', { sequenceLength: 32_768, epochs: 2 }],
    ]);
    expect(whole).toBe(2);
    expect(points.map(({ truncatedShare }) => truncatedShare > 0)).toEqual([false, true, false, false]);
    expect(longestSample).toBeGreaterThan(8_192);
    expect(sweep([length(16_384), length(32_768)]).whole).toBeNull();
    expect(sweep([length(1_024), length(2_048)]).whole).toBeNull();
  });

  it('has a knee over numbers only', () => {
    const doubling = [1_024, 2_048, 4_096, 8_192, 16_384, 32_768].map(length);
    expect(sweep(doubling).knee).not.toBeNull();
    expect(sweep(doubling.map(([value, change]) => [`${value}`, change] as const)).knee).toBeNull();
  });

  it('says once what refuses every value, and of each what refuses it alone', () => {
    const swept = sweep([length(16_384), length(65_536)], cutting, { ...on, workCapacity: 1e9 });
    expect(swept.refused).toEqual([expect.stringMatching(/volume/)]);
    expect(swept.points.map(({ refused }) => refused)).toEqual([
      [],
      [expect.stringContaining('exceeds the model’s 32,768 positions')],
    ]);
    expect(sweep([length(65_536)], cutting).refused).toEqual([]);
  });

  it('names the values of which there is no plan, and why', () => {
    const { points, impossible } = sweep([
      [1, { globalBatch: 1 }],
      [16, { globalBatch: 16 }],
    ]);
    expect(points.map(({ value }) => value)).toEqual([16]);
    expect(impossible).toEqual([{ value: 1, why: expect.stringContaining('a global batch of 1 cannot') }]);
  });

  it('knows no longest sample where no length is known', () => {
    const { lengths: _, ...dataset } = cutting.dataset;
    const blind = { ...cutting, dataset };
    expect(sweep([length(4_096)], blind)).toMatchObject({ longestSample: null, whole: null });
  });
});

describe('a plan of several arms', () => {
  const arm = (name: string, training: Partial<Training>, pinned?: PlannedArm['pinned']): PlannedArm => ({
    name,
    value: name,
    recipe: withTraining(base, training),
    recipeDigest: DIGEST,
    ...(pinned && { pinned }),
  });
  const whole = (...arms: readonly PlannedArm[]) =>
    makeAblationPlan({ name: 'n', factor: 'training.x' }, DIGEST, arms, on);
  const read = (sha256: string) => ({
    model: null,
    dataset: { name: 'd', sha256, why: null },
    benchmarks: [],
  });

  it('says once what holds for all, and by name what does not', () => {
    const same = whole(arm('a', {}), arm('b', {}));
    const alone = plan(base, on);
    expect(verdict(same, 'memory-fits').message).toBe(verdict(alone, 'memory-fits').message);
    const mixed = verdict(whole(arm('a', {}), arm('b', { globalBatch: 32 })), 'world-matches-batch');
    expect(mixed).toMatchObject({ ok: true, refuses: true });
    expect(mixed.message).toMatch(/^a: a batch of 16 .*; b: a batch of 32 /);
    expect(verdict(whole(arm('a', {})), 'world-matches-batch').message).toMatch(/^a: /);
  });

  it('adds hours and costs bound by bound', () => {
    const { gpuHours, cost, arms } = whole(arm('a', {}), arm('b', { epochs: 1 }));
    for (const bound of ['expected', 'low', 'high'] as const) {
      const sum = (of: (plan: (typeof arms)[number]['plan']) => number) =>
        arms.reduce((total, each) => total + of(each.plan), 0);
      expect(gpuHours[bound]).toBeCloseTo(
        sum((each) => each.gpuHours[bound]),
        9,
      );
      expect(cost[bound]).toBeCloseTo(
        sum((each) => each.cost[bound]),
        6,
      );
    }
    expect(cost.currency).toBe(on.price.currency);
  });

  it('reads what its arms read where that is the same', () => {
    expect(whole(arm('a', {}, read('1')), arm('b', {}, read('1'))).inputs).toEqual(read('1'));
    expect(whole(arm('a', {}, read('1')), arm('b', {}, read('2'))).inputs).toBeNull();
    const three = [arm('a', {}, read('1')), arm('b', {}, read('1')), arm('c', {}, read('2'))];
    expect(whole(...three).inputs).toBeNull();
    expect(makeAblationPlan({ name: 'n', factor: 'f' }, DIGEST, [], on).inputs).toBeNull();
  });
});
