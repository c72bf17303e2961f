import { describe, expect, it } from 'vitest';
import {
  decodingStepSeconds,
  evaluationBytes,
  evaluationLoad,
  type KnownBenchmark,
  knownBenchmarks,
} from '../../orchestrator/plan/evaluation-load.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import type { Source } from '../../orchestrator/recipe/dataset.ts';
import type { EvaluationSettings } from '../../orchestrator/recipe/evaluation.ts';
import type { Inspection } from '../../orchestrator/wire/inspection.ts';
import type { Prepared } from '../../orchestrator/wire/prepared.ts';
import { profile, recipe } from './fixtures.ts';

const s1 = recipe('s1-32b');
const { evaluation } = s1;
if (evaluation === undefined) throw new Error('s1 is evaluated');
const [template] = evaluation.benchmarks;
if (template === undefined) throw new Error('s1 has benchmarks');
const benchmark = (name: string, source: Source = { kind: 'file', path: 'a.jsonl' }) => ({
  ...template,
  questions: undefined,
  name,
  source,
});
const budget = (maxThinkingTokens: number) => ({ kind: 'budget', maxThinkingTokens }) as const;
const wait = (maxThinkingTokens: number) =>
  ({ kind: 'wait', times: 1, text: 'Wait', maxThinkingTokens }) as const;
const settings = (facts: Partial<EvaluationSettings> = {}): EvaluationSettings => ({
  ...evaluation,
  untouched: false,
  benchmarks: [benchmark('a')],
  controls: [budget(100), budget(400)],
  maxAnswerTokens: 20,
  batch: 64,
  ...facts,
});
const known = (name: string, rows: number, longestPromptTokens = 30): KnownBenchmark => ({
  name,
  rows,
  longestPromptTokens,
});
const MEASURED = { longest: 300, basis: 'measured' } as const;

describe('what is decoded', () => {
  it('is every question as often as it is answered', () => {
    const load = (samples: number | undefined, batch: number) =>
      evaluationLoad(settings({ temperature: 1, samples, batch }), MEASURED, [known('a', 30)]);
    expect([load(undefined, 64).batches, load(1, 64).batches, load(16, 64).batches]).toEqual([1, 1, 8]);
    expect([load(1, 64).rows, load(16, 64).rows, load(16, 1000).rows]).toEqual([30, 64, 480]);
  });

  it('is every question of every benchmark, batch by batch', () => {
    const all = settings({ benchmarks: [benchmark('a'), benchmark('b')] });
    expect(evaluationLoad(all, MEASURED, [known('a', 30), known('b', 130)])).toMatchObject({
      questions: 160,
      rows: 64,
      batches: 1 + 3,
      elementBytes: 4,
      models: 1,
    });
    expect(evaluationLoad(settings(), MEASURED, [known('a', 30)])).toMatchObject({ rows: 30, batches: 1 });
  });

  it('is counted where it is generated, and else taken for 500 questions', () => {
    const generated = { kind: 'generated', samples: 70 } as unknown as Source;
    const all = settings({ benchmarks: [benchmark('a', generated), benchmark('b')] });
    expect(evaluationLoad(all, MEASURED, [])).toMatchObject({ questions: 570, promptsKnown: false });
    expect(evaluationLoad(all, MEASURED, [known('a', 9)])).toMatchObject({
      questions: 509,
      promptsKnown: false,
    });
    expect(evaluationLoad(all, MEASURED, [known('a', 9), known('b', 9)]).promptsKnown).toBe(true);
  });

  it('has room for the longest prompt, the largest budget, what ends it, and the answer', () => {
    expect(evaluationLoad(settings(), MEASURED, [known('a', 9, 200)]).positions).toBe(200 + 400 + 8 + 20);
    expect(evaluationLoad(settings(), MEASURED, []).positions).toBe(12 + 400 + 8 + 20);
  });

  it('is with what controls tell as it was measured, and else with no less than any tokenizer makes of it', () => {
    const told = settings({
      controls: [budget(400), { kind: 'class', length: 'long', maxThinkingTokens: 400 }],
    });
    expect(evaluationLoad(told, MEASURED, [known('a', 9, 230)]).positions).toBe(230 + 400 + 8 + 20);
    const measured = { ...known('a', 9, 230), delimiterTokens: 28 };
    expect(evaluationLoad(told, MEASURED, [measured]).positions).toBe(230 + 400 + 28 + 20);
    expect(evaluationLoad(told, MEASURED, []).positions).toBe(12 + 200 + 400 + 8 + 20);
  });

  it('thinks for as long as it was shown to, each wait half of that more, and at most all budgets', () => {
    const controls = [budget(200), wait(500), wait(100)];
    const { steps } = evaluationLoad(settings({ controls }), MEASURED, []);
    expect(steps).toEqual({ expected: 300 + 300 / 2 + 100 / 2 + 60 / 2, most: 500 + 500 + 100 + 60 });
    const blind = evaluationLoad(settings({ controls }), { longest: 0, basis: 'none' }, []);
    expect(blind.steps.expected).toBe(500 + 500 / 2 + 100 / 2 + 60 / 2);
  });

  it('is answered by the model as it was, too, which may think up to its budget', () => {
    const { models, steps } = evaluationLoad(settings({ untouched: true }), MEASURED, []);
    expect([models, steps]).toEqual([2, { expected: 300 + 20 + (400 + 20), most: 2 * (400 + 40) }]);
  });
});

describe('what a decoding device takes', () => {
  const size = modelSize(s1.model.architecture, 152_064);
  const { layers, queryHeads, keyValueHeads, headSize } = s1.model.architecture;
  const load = { rows: 8, positions: 1_000, elementBytes: 2 } as const;
  const h100 = profile('h100-16');
  const laptop = profile('laptop');

  it('is weights, caches, a block’s copy of them for all heads, and a workspace', () => {
    const cached = 2 * layers * keyValueHeads * headSize + 4 * queryHeads * headSize;
    const held = 2 * (size.parameters + 8_000 * cached);
    expect(evaluationBytes(s1, size, h100, load)).toBeCloseTo(held + 2 ** 31 + 0.08 * h100.device.memory, 0);
    expect(evaluationBytes(s1, size, laptop, load)).toBeCloseTo(held + 8 * 8 * 152_064 + 5e8, 0);
  });

  it('is bound by reading weights and half a cache where rows are few, and by products where they are many', () => {
    const seconds = (rows: number, elementBytes: 2 | 4, on = h100) =>
      decodingStepSeconds(s1, size, on, { rows, positions: 1_000, elementBytes });
    const read = (rows: number) =>
      (2 * size.parameters + (3 * 2 * layers * keyValueHeads * headSize * rows * 1_000 * 2) / 2) / 2.5e12;
    expect(seconds(8, 2)).toBeCloseTo(read(8) + 6e-4 * layers + 8e-5, 9);
    const many = { rows: 4_000, positions: 10, elementBytes: 2 } as const;
    const products = (2 * size.matmul * 4_000) / (h100.device.peakTflops * 1e12 * 0.3);
    expect(decodingStepSeconds(s1, size, h100, many)).toBeCloseTo(products + 6e-4 * layers + 0.04, 9);
    expect(decodingStepSeconds(s1, size, h100, { ...many, elementBytes: 4 })).toBeCloseTo(
      2 * products + 6e-4 * layers + 0.04,
      9,
    );
    expect(decodingStepSeconds(s1, size, laptop, { ...many, elementBytes: 4 })).toBeCloseTo(
      (2 * size.matmul * 4_000) / (laptop.device.peakTflops * 1e12 * 0.25) + 1e-3 * layers + 0.04,
      3,
    );
  });
});

it('benchmarks are known from what was read here, or by prepare, and from nothing else', () => {
  const rows = [known('a', 9)];
  expect(knownBenchmarks(undefined)).toEqual([]);
  expect(knownBenchmarks({ why: null, tokenizer: null })).toEqual([]);
  expect(knownBenchmarks({ inspection: { benchmarks: rows } as unknown as Inspection })).toEqual(rows);
  expect(knownBenchmarks({ benchmarks: rows } as unknown as Prepared)).toEqual(rows);
  expect(knownBenchmarks({} as Prepared)).toEqual([]);
});
