import { describe, expect, it } from 'vitest';
import { simulateSteps } from '../../orchestrator/plan/balance.ts';
import { loadOf } from '../../orchestrator/plan/flops.ts';
import { makeAblationPlan } from '../../orchestrator/plan/make-ablation-plan.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { AblationPlanSchema, PlanSchema } from '../../orchestrator/plan/plan.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import { stepTimeModel } from '../../orchestrator/plan/step-time.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import type { Prepared } from '../../orchestrator/wire/prepared.ts';
import { DIGEST, plan, profile, refusals, trainedOnly, verdict, withTraining } from './fixtures.ts';

const s1 = () => trainedOnly('s1-32b');
const names = (of: Parameters<typeof plan>[0], on: Parameters<typeof plan>[1]) => refusals(plan(of, on));

const budget = (over: NonNullable<FineTune['budget']>) => ({ ...s1(), budget: over });
const arm = (value: number) => ({
  name: `at-${value}`,
  value,
  recipe: withTraining(s1(), { sequenceLength: value }),
  recipeDigest: DIGEST,
});

const preparedOf = (
  lengths: number[],
  more: Pick<Prepared, 'longest' | 'steps'> & Partial<Prepared>,
): Prepared => ({
  samples: lengths.length,
  truncated: 0,
  dropped: 0,
  lengths,
  labels: lengths.map(() => 50),
  warmupSteps: 1,
  vocabularySize: 152_064,
  dataset: DIGEST,
  rows: DIGEST,
  ...more,
});

describe('a plan', () => {
  it('is as its schema says, whatever the recipe and cluster', () => {
    for (const of of ['s1-32b', 's1.1-32b', 's1-59k', 's1-32b-as-published'])
      for (const on of ['h100-16', 'h100-8', 'h200-8', 'ethernet-16', 'laptop'])
        expect(() => PlanSchema.parse(plan(of, on))).not.toThrow();
  });

  it('is as its schema says, whatever its lengths rest on', () => {
    const whole = plan('s1-32b', 'h100-16');
    for (const basis of ['prepared', 'measured', 'histogram', 'distribution', 'none'] as const)
      expect(PlanSchema.parse({ ...whole, basis }).basis).toBe(basis);
  });

  it('is the same for the same arguments', () => {
    expect(plan('s1.1-32b', 'h100-16')).toEqual(plan('s1.1-32b', 'h100-16'));
  });

  it('prices the devices held, start-up counted, inside its bounds', () => {
    const { gpuHours, cost, duration } = plan(trainedOnly('s1-32b'), 'h100-16');
    expect(gpuHours.expected).toBeCloseTo((16 * duration.expectedSeconds) / 3600, 9);
    expect(duration.expectedSeconds).toBeGreaterThan(profile('h100-16').startup + 315 * duration.stepSeconds);
    expect(cost.expected).toBeCloseTo(gpuHours.expected * profile('h100-16').price.perDeviceHour, 9);
    expect(gpuHours.low).toBeLessThan(gpuHours.expected);
    expect(gpuHours.high).toBeGreaterThan(gpuHours.expected);
  });

  it('takes at most a second of a processor for the largest recipe', () => {
    // What a busy machine takes away from this process is not the plan's.
    const processorSeconds = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      plan('s1-59k', 'h100-16');
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    });
    expect(Math.min(...processorSeconds)).toBeLessThan(1);
  });

  it('believes prepared data more than the recipe', () => {
    const prepared = preparedOf([100, 200, 300], { truncated: 1, dropped: 1, longest: 400, steps: 5 });
    const of = makePlan(s1(), DIGEST, profile('h100-16'), prepared);
    expect(of).toMatchObject({ basis: 'prepared', samples: 3, steps: 5, truncatedShare: 0.5 });
    expect(of.tokensPerEpoch).toBe(200 * 16);
  });

  it('tells attention of the longest sample in every step, as the trainer does, and not of its own', () => {
    const lengths = [30_000, ...Array.from({ length: 31 }, () => 3_000)];
    const prepared = preparedOf(lengths, { longest: 30_000, steps: 1 });
    const [of, on] = [withTraining(s1(), { globalBatch: 32, epochs: 1 }), profile('h100-16')];
    const { size, layout, recomputeLimits, cost } = sizeUp(of, on, prepared);
    const { groups } = layout;
    const { seed } = of.training;
    const schedule = { lengths, batch: 32, epochs: 1, groups, seed };
    const [step] = simulateSteps({ ...schedule, cost: (length) => cost(loadOf([length])) });
    const told = (longest: number) =>
      stepTimeModel(of, size, on, layout, recomputeLimits, longest)(step ?? []).compute;
    expect(makePlan(of, DIGEST, on, prepared).duration.computeSeconds).toBe(told(30_000));
    // FlashAttention takes over from cuDNN, whose sums are over documents that are all as long.
    expect(told(30_000)).toBeGreaterThan(told(3_000));
  });
});

describe('verdicts', () => {
  it('accept the published recipe on the published cluster', () => {
    expect(plan(s1(), 'h100-16').verdicts.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('refuse data that would be cut without anyone asking for it', () => {
    const short = withTraining(s1(), { sequenceLength: 4096 });
    expect(names(short, 'h100-16')).toEqual(['no-silent-truncation']);
    expect(verdict(plan(short, 'h100-16'), 'no-silent-truncation').message).toMatch(/872 of 1,000.*9,016/);
    expect(names({ ...short, dataset: { ...short.dataset, overLength: 'truncate' } }, 'h100-16')).toEqual([]);
  });

  it('refuse what exceeds the budget, in hours, in money, or in a currency without a price', () => {
    expect(names(budget({ gpuHours: 4 }), 'h100-16')).toEqual(['within-budget']);
    expect(names(budget({ cost: { amount: 5, currency: 'USD' } }), 'h100-16')).toEqual(['within-budget']);
    expect(names(budget({ cost: { amount: 5000, currency: 'EUR' } }), 'h100-16')).toEqual(['within-budget']);
    expect(names(budget({ gpuHours: 5, cost: { amount: 50, currency: 'USD' } }), 'h100-16')).toEqual([]);
  });

  it('refuse to rent GPUs for data of unknown length, but let processors try', () => {
    const { lengths: _, ...dataset } = s1().dataset;
    const unknown = { ...s1(), dataset };
    expect(plan(unknown, 'h100-16')).toMatchObject({ basis: 'none', steps: 0 });
    expect(names(unknown, 'h100-16')).toContain('lengths-known');
    expect(names(unknown, 'laptop')).not.toContain('lengths-known');
  });

  it('refuse positions the model was not made for', () => {
    expect(names(withTraining(s1(), { sequenceLength: 40_000 }), 'h100-16')).toEqual(['within-positions']);
  });

  it('warn, without refusing, of a network that devices wait for and of a revision that moves', () => {
    const slow = plan('s1-32b-as-published', 'ethernet-16');
    expect(verdict(slow, 'network-keeps-up')).toMatchObject({ ok: false, refuses: false });
    expect(verdict(plan('s1.1-32b', 'h100-16'), 'pinned')).toMatchObject({ ok: false, refuses: false });
  });
});

describe('a plan of an ablation', () => {
  it('is the sum of its arms, and fails where one of them does, by name', () => {
    const whole = makeAblationPlan(
      { name: 'lengths', factor: 'training.sequenceLength' },
      DIGEST,
      [arm(4096), arm(32_768)],
      profile('h100-16'),
    );
    expect(AblationPlanSchema.parse(whole)).toEqual(whole);
    const each = whole.arms.map(({ plan: of }) => of.gpuHours.expected);
    expect(whole.gpuHours.expected).toBeCloseTo((each[0] ?? 0) + (each[1] ?? 0), 9);
    expect(refusals(whole)).toEqual(['no-silent-truncation']);
    expect(verdict(whole, 'no-silent-truncation').message).toMatch(/^at-4096: (?!.*at-32768)/);
  });
});
