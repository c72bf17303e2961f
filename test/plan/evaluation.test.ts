import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluationBytes,
  evaluationCapacity,
  knownBenchmarks,
} from '../../orchestrator/plan/evaluation-load.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { sumOfHours, trainingHours } from '../../orchestrator/plan/stages.ts';
import type { EvaluationSettings } from '../../orchestrator/recipe/evaluation.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import { PreparedSchema } from '../../orchestrator/wire/prepared.ts';
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
/** By the trainer's own decoder. */
const byItself = (of: FineTune) => evaluating(of, { engine: { kind: 'trainer' } });
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

  it.each([
    'on the one device that decodes',
    '7 more are held meanwhile',
    'engine: {kind: vllm}',
    '--without-evaluation',
  ])('refuses s1’s evaluation on one device before it is paid for, and says %s', (words) => {
    const alone = byItself(recipe('s1-32b'));
    expect(refusals(plan(alone, 'h100-16'))).toEqual(['can-be-evaluated']);
    expect(told(alone, 'h100-16').message).toContain(words);
  });

  it('holds none idle on nodes of one device, however long it takes, and says of others how much is asked', () => {
    const alone = byItself(recipe('s1-32b'));
    const ofNodes = (devicesPerNode: number) =>
      verdict(
        plan(alone, { ...profile('h100-16'), nodes: 16 / devicesPerNode, devicesPerNode }),
        'can-be-evaluated',
      );
    expect(ofNodes(1)).toMatchObject({ ok: true });
    expect(ofNodes(2).message).toContain('and 1 more is held meanwhile');
    expect(ofNodes(4).message).toMatch(/^530 questions under 11 controls take \d+ d/);
  });

  it('refuses 700 tokens of thinking on 300 positions, and names how many there is room for', () => {
    const of = positions(evaluating(small(), { controls: thinking(700), maxAnswerTokens: 8 }), 300);
    expect(refusals(plan(of, 'laptop'))).toEqual(['can-be-evaluated']);
    const room = Number(/lower maxThinkingTokens to at most (\d+)/.exec(told(of).message)?.[1]);
    expect(room).toBeGreaterThan(200);
    expect(told(evaluating(of, { controls: thinking(room) })).ok).toBe(true);
    expect(told(evaluating(of, { controls: thinking(room + 1) })).ok).toBe(false);
  });

  it('decodes as many questions together as the device holds, where a batch is too large for it', () => {
    const large = (batch: number) =>
      evaluating(positions(small(), 1_000_000), {
        controls: thinking(300_000),
        maxAnswerTokens: 8,
        batch,
      });
    const together = (batch: number) => Number(/(\d+) at a time/.exec(told(large(batch)).message)?.[1]);
    const most = together(400);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(400);
    expect([together(most), together(most + 1), together(1)]).toEqual([most, most, 1]);
    expect(told(large(400)).ok).toBe(true);
  });

  // trainer/tests/test_evaluation_memory.py has the same table.
  it.each([
    ['h100-16', 81_559 * 2 ** 20, 4096, '8 at a time', 'in bf16'],
    ['h200-8', 141e9, 4096, '49 at a time', 'in bf16'],
  ] as const)('decodes a model of 32 billion on %s as the trainer will', (on, memory, tokens, rows, type) => {
    const controls = thinking(tokens - 512 - 12 - 8);
    const { evaluation } = evaluating(small(), { controls, maxAnswerTokens: 512, batch: 64 });
    const whole = { ...recipe('s1-32b'), evaluation } as FineTune;
    expect(profile(on).device.memory).toBe(memory);
    expect(told(whole, on)).toMatchObject({ ok: true });
    expect(told(whole, on).message).toContain(rows);
    expect(told(whole, on).message).toContain(type);
    expect(told(small(), on).message).toContain('in fp32');
  });

  it('refuses a model that no device holds, whatever the batch', () => {
    const { evaluation } = small();
    const { model, ...rest } = recipe('s1-32b');
    const architecture = { ...model.architecture, layers: 96 };
    const huge = { ...rest, model: { ...model, architecture }, evaluation } as FineTune;
    expect(told(huge, 'h100-16').message).toMatch(
      /in bf16 with 1 question .* it needs a device with more memory/,
    );
  });

  it('counts memory that grows with rows and positions', () => {
    const of = small();
    const size = modelSize(of.model.architecture, 460);
    const bytes = (rows: number, tokens: number) =>
      evaluationBytes(of, size, profile('laptop'), { rows, positions: tokens, elementBytes: 4 });
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

  it.each(['laptop', 'h100-16'])(
    'count a second model’s loading and decoding on %s, in its memory’s place',
    (on) => {
      const pretrained = (untouched: boolean): FineTune => {
        const of = evaluating(small(), { untouched });
        const { architecture } = of.model;
        const vocabularySize = 512;
        return {
          ...of,
          model: {
            kind: 'pretrained',
            repository: 'someone/small',
            revision: '0'.repeat(40),
            architecture: { ...architecture, vocabularySize },
          },
        };
      };
      const [once, twice] = [false, true].map((untouched) => plan(pretrained(untouched), on));
      const [alone, both] = [once, twice].map((of) => of?.stages?.find(({ name }) => name === 'evaluate'));
      if (!once || !twice || !alone || !both) throw new Error('both evaluate');
      const { startup } = profile(on);
      const decoding = alone.duration.expectedSeconds - startup;
      // What was not trained to stop is expected to think at least as long as what was; its files are read, too.
      expect((both.duration.expectedSeconds - startup) / decoding).toBeGreaterThan(2 - 1e-9);
      expect(both.duration.highSeconds).toBeGreaterThan(alone.duration.highSeconds + decoding);
      expect(both.duration.highSeconds).toBeLessThan(2 * alone.duration.highSeconds);
      expect(both.memory).toEqual(alone.memory);
      const added = (both.duration.expectedSeconds - alone.duration.expectedSeconds) * both.devices;
      expect(twice.gpuHours.expected - once.gpuHours.expected).toBeCloseTo(added / 3600, 12);
      expect(trainingHours(twice)).toEqual(trainingHours(once));
      expect(told(pretrained(true), on).message).toContain(
        'to the trained and to the untouched model in turn',
      );
      expect(told(pretrained(false), on).message).not.toContain('untouched');
    },
  );

  it('hold one node’s devices to evaluate, and count no time for what cannot be evaluated', () => {
    const on = (name: string) => plan(small(), name).stages?.find((stage) => stage.name === 'evaluate');
    expect(on('h100-16')?.devices).toBe(8);
    expect(plan(byItself(recipe('s1-32b')), 'h100-16').stages?.at(-1)).toMatchObject({
      name: 'evaluate',
      gpuHours: { expected: 0, low: 0, high: 0 },
    });
  });
});

it('counts on what prepare read of the benchmarks as on what was read here', () => {
  const benchmarks = [{ name: 'held-out', rows: 10, longestPromptTokens: 31 }];
  const digests = { model: null, dataset: { name: 'a', sha256: null }, benchmarks: [] };
  const prepared = PreparedSchema.parse({
    samples: 1,
    truncated: 0,
    dropped: 0,
    lengths: [9],
    labels: [5],
    longest: 9,
    steps: 1,
    warmupSteps: 0,
    vocabularySize: 300,
    dataset: 'sha256:a',
    rows: 'sha256:b',
    inputs: digests,
    benchmarks,
  });
  expect(knownBenchmarks(prepared)).toEqual(benchmarks);
  const { benchmarks: _, ...before } = prepared;
  expect(knownBenchmarks(before)).toEqual([]);
});
