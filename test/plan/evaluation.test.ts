import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationSettings } from '../../orchestrator/plan/evaluation-load.ts';
import { evaluationBytes, evaluationCapacity } from '../../orchestrator/plan/evaluation-load.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { sumOfHours, trainingHours } from '../../orchestrator/plan/stages.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import { arms, plan, profile, recipe, refusals, verdict } from './fixtures.ts';

const small = (): FineTune => arms('quickstart')[0] as FineTune;
const evaluating = (of: FineTune, changed: Partial<EvaluationSettings>): FineTune => {
  if (!of.evaluation) throw new Error(`${of.name} evaluates nothing`);
  return { ...of, evaluation: { ...of.evaluation, ...changed } };
};
const positions = (of: FineTune, maxPositions: number): FineTune => ({
  ...of,
  model: { ...of.model, architecture: { ...of.model.architecture, maxPositions } },
});
const thinking = (maxThinkingTokens: number) => [{ kind: 'budget', maxThinkingTokens } as const];
const told = (of: FineTune, on = 'laptop') => verdict(plan(of, on), 'can-be-evaluated');

describe('can-be-evaluated', () => {
  it('is said with its figures of what can be, and needs nothing of a recipe without evaluation', () => {
    expect(told(small())).toMatchObject({
      ok: true,
      message: expect.stringMatching(/400 questions, 400 at a time/),
    });
    const { evaluation: _, ...trained } = small();
    expect(told(trained)).toMatchObject({
      ok: true,
      message: expect.stringContaining('registered checkpoint'),
    });
  });

  it.each(['math500', 'grader math, which has no engine yet', '--without-evaluation'])(
    'refuses s1’s evaluation before it is paid for, and says %s',
    (words) => {
      expect(refusals(plan('s1-32b', 'h100-16'))).toEqual(['can-be-evaluated']);
      expect(told(recipe('s1-32b'), 'h100-16').message).toContain(words);
    },
  );

  it('refuses a temperature that has no engine', () => {
    expect(told(evaluating(small(), { temperature: 0.7 })).message).toMatch(
      /temperature 0.7 has no engine yet: set it to 0/,
    );
  });

  it('refuses 700 tokens of thinking on 300 positions, and names how many there is room for', () => {
    const of = positions(evaluating(small(), { controls: thinking(700), maxAnswerTokens: 8 }), 300);
    expect(refusals(plan(of, 'laptop'))).toEqual(['can-be-evaluated']);
    const room = Number(/lower maxThinkingTokens to at most (\d+)/.exec(told(of).message)?.[1]);
    expect(room).toBeGreaterThan(200);
    expect(told(evaluating(of, { controls: thinking(room) })).ok).toBe(true);
    expect(told(evaluating(of, { controls: thinking(room + 1) })).ok).toBe(false);
  });

  it('names the largest batch that the device holds, where one is too large for it', () => {
    const large = evaluating(positions(small(), 1_000_000), {
      controls: thinking(300_000),
      maxAnswerTokens: 8,
      batch: 400,
    });
    const batch = Number(/evaluation.batch to at most (\d+)/.exec(told(large).message)?.[1]);
    expect(batch).toBeGreaterThan(0);
    expect(told(evaluating(large, { batch })).ok).toBe(true);
    expect(told(evaluating(large, { batch: batch + 1 })).ok).toBe(false);
  });

  it('refuses a model that no device holds in fp32, whatever the batch', () => {
    const { evaluation: of } = small();
    const whole = { ...recipe('s1-32b'), evaluation: { ...of, batch: 1 } } as FineTune;
    expect(told(whole, 'h100-16').message).toMatch(
      /134 GB of it without any question: it needs a device with more memory/,
    );
  });

  it('counts memory that grows with rows and positions', () => {
    const of = small();
    const size = modelSize(of.model.architecture, 460);
    const bytes = (rows: number, tokens: number) =>
      evaluationBytes(of, size, profile('laptop'), { rows, positions: tokens });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 5_000 }), (rows, tokens) => {
        expect(bytes(rows + 1, tokens)).toBeGreaterThan(bytes(rows, tokens));
        expect(bytes(rows, tokens + 1)).toBeGreaterThan(bytes(rows, tokens));
      }),
    );
    expect(evaluationCapacity(profile('h100-16'))).toBe(profile('h100-16').device.memory);
    expect(evaluationCapacity(profile('laptop'))).toBe(2 * profile('laptop').device.memory);
  });
});

describe('stages', () => {
  it('are all there, in their order, and their device time is what is announced', () => {
    const { stages = [], gpuHours, cost } = plan(small(), 'laptop');
    expect(stages.map(({ name, devices }) => [name, devices])).toEqual([
      ['prepare', 0],
      ['train', 2],
      ['export', 0],
      ['evaluate', 2],
    ]);
    expect(sumOfHours(stages)).toEqual(gpuHours);
    const evaluate = stages[3];
    expect(evaluate?.gpuHours.expected).toBeGreaterThan(0);
    expect(evaluate?.gpuHours.high).toBeGreaterThan(evaluate?.gpuHours.expected ?? 0);
    expect(cost.expected).toBeCloseTo(gpuHours.expected * profile('laptop').price.perDeviceHour, 12);
  });

  it('leave the training that runs are measured against as it was', () => {
    const whole = plan(small(), 'laptop');
    const { evaluation: _, ...trained } = small();
    expect(trainingHours(whole)).toEqual(plan(trained, 'laptop').gpuHours);
    expect(whole.gpuHours.expected).toBeGreaterThan(trainingHours(whole).expected);
    const { stages: __, ...old } = whole;
    expect(trainingHours(old)).toEqual(whole.gpuHours);
  });

  it('hold one node’s devices to evaluate, and count no time for what cannot be evaluated', () => {
    const on = (name: string) => plan(small(), name).stages?.find((stage) => stage.name === 'evaluate');
    expect(on('h100-16')?.devices).toBe(8);
    expect(plan('s1-32b', 'h100-16').stages?.at(-1)).toMatchObject({
      name: 'evaluate',
      gpuHours: { expected: 0, low: 0, high: 0 },
    });
  });
});
