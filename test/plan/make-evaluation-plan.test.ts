import { expect, test } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { PlanSchema } from '../../orchestrator/plan/plan.ts';
import { DEFAULT_PROMPT, SettledEvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import type { Thinking } from '../../orchestrator/recipe/thinking.ts';

const LAPTOP = await loadProfile('laptop');
const H100 = await loadProfile('h100-16');

/** A small model under the controls and questions that are given. */
const recipe = (changes: {
  readonly questions?: number;
  readonly gpuHours?: number;
  readonly budget?: number;
}) =>
  SettledEvaluationSchema.parse({
    kind: 'Evaluation',
    name: 'again',
    model: {
      kind: 'pretrained',
      repository: 'c-1',
      architecture: {
        layers: 1,
        hiddenSize: 96,
        queryHeads: 4,
        keyValueHeads: 2,
        headSize: 24,
        feedForwardSize: 256,
        tiedEmbeddings: true,
        maxPositions: 256,
        vocabularySize: 460,
      },
    },
    prompt: DEFAULT_PROMPT,
    evaluation: {
      benchmarks: [
        { name: 'sums', source: { kind: 'file', path: 'sums.jsonl' }, questions: changes.questions },
      ],
      controls: [{ kind: 'budget', maxThinkingTokens: changes.budget ?? 64 }],
      maxAnswerTokens: 8,
    },
    ...(changes.gpuHours !== undefined && { budget: { gpuHours: changes.gpuHours } }),
  });

const failed = (changes: Parameters<typeof recipe>[0]) =>
  makeEvaluationPlan(recipe(changes), 'd', LAPTOP).verdicts.filter(({ ok }) => !ok);

test('an evaluation is planned as one stage that holds devices, and trains nothing', () => {
  const plan = makeEvaluationPlan(recipe({ questions: 198 }), 'd', LAPTOP);
  expect(PlanSchema.parse(plan)).toEqual(plan);
  expect(plan.stages?.map(({ name, devices }) => [name, devices])).toEqual([
    ['evaluate', LAPTOP.devicesPerNode],
  ]);
  expect([plan.samples, plan.steps, plan.flops.perEpoch]).toEqual([0, 0, 0]);
  expect(plan.cost.expected).toBeCloseTo(plan.gpuHours.expected * LAPTOP.price.perDeviceHour, 12);
  expect(plan.gpuHours.expected).toBe(plan.stages?.[0]?.gpuHours.expected);
  expect(plan.verdicts.filter(({ ok }) => !ok)).toEqual([]);
});

test('what no ConfigMap carries to its pod is refused, as of training', () => {
  const long = {
    ...recipe({ questions: 30 }),
    prompt: { ...DEFAULT_PROMPT, systemPrompt: 'x'.repeat(1_100_000) },
  };
  const onCluster = makeEvaluationPlan(long, 'd', H100);
  expect(onCluster.verdicts.find(({ name }) => name === 'spec-fits')).toMatchObject({
    ok: false,
    refuses: true,
  });
  expect(makeEvaluationPlan(long, 'd', LAPTOP).verdicts.map(({ name }) => name)).not.toContain('spec-fits');
});

test('longer delimiters take of its positions what they may have in tokens', () => {
  const positions = (thinking?: Thinking) => {
    const asked = { ...recipe({ questions: 30 }), prompt: { ...DEFAULT_PROMPT, thinking } };
    const said = makeEvaluationPlan(asked, 'd', LAPTOP).verdicts.find(
      ({ name }) => name === 'can-be-evaluated',
    );
    return Number(/([\d,]+) tokens/.exec(said?.message ?? '')?.[1]);
  };
  const tags = { start: `<${'a'.repeat(40)}>`, end: '</a>', finalAnswer: 'Final Answer:' };
  expect(positions(tags) - positions()).toBe(42 + 4 + 'Final Answer:'.length - 8);
});

test('it says what it can tell of as many questions as the recipe or their count says, and of no guess', () => {
  const told = (questions: number | undefined, rows?: number) =>
    makeEvaluationPlan(
      recipe(questions === undefined ? {} : { questions }),
      'd',
      LAPTOP,
      rows === undefined ? [] : [{ name: 'sums', rows, longestPromptTokens: 40 }],
    ).power;
  expect(told(30)).toMatchObject([{ benchmark: 'sums', questions: 30 }]);
  expect(told(30, 500)).toMatchObject([{ questions: 500 }]);
  expect(told(undefined)).toEqual([]);
});

test('a judge is named with how much it is sent, and a model that judges itself is no judge', () => {
  const { evaluation, ...rest } = recipe({ questions: 30 });
  const judged = (changes: object) =>
    makeEvaluationPlan(
      SettledEvaluationSchema.parse({ ...rest, evaluation: { ...evaluation, ...changes } }),
      'd',
      LAPTOP,
    ).verdicts.filter(({ name }) => name === 'judged-by');
  const url = 'http://judge.example/v1';
  expect(judged({})).toEqual([]);
  expect(judged({ judge: { url }, samples: 4, temperature: 1 })).toMatchObject([
    {
      ok: true,
      refuses: false,
      message: expect.stringContaining('what no grader can read of 120 answers') as string,
    },
  ]);
  expect(judged({ judge: { url, model: 'big', answers: 'all' } })[0]?.message).toContain(
    `all 30 answers and their questions and references are sent to big at ${url}`,
  );
  expect(judged({ judge: { url }, engine: { kind: 'endpoint', url } })).toMatchObject([{ ok: false }]);
  expect(judged({ judge: { url, model: 'b' }, engine: { kind: 'endpoint', url, model: 'a' } })).toMatchObject(
    [{ ok: true }],
  );
});

test('more questions take longer, and what exceeds budget or positions is refused in its own words', () => {
  const hours = (questions: number) =>
    makeEvaluationPlan(recipe({ questions }), 'd', LAPTOP).gpuHours.expected;
  expect(hours(2_000)).toBeGreaterThan(hours(64));
  expect(failed({ questions: 500, gpuHours: 1e-6 })).toMatchObject([
    {
      name: 'within-budget',
      refuses: true,
      message: expect.stringContaining('ask fewer questions') as string,
    },
  ]);
  const [beyond, ...others] = failed({ questions: 30, budget: 512 });
  expect(others).toEqual([]);
  expect(beyond).toMatchObject({ name: 'can-be-evaluated', refuses: true });
  expect(beyond?.message).not.toContain('--without-evaluation');
});
