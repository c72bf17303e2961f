import { expect, test } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { PlanSchema } from '../../orchestrator/plan/plan.ts';
import { DEFAULT_PROMPT, SettledEvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import type { Thinking } from '../../orchestrator/recipe/thinking.ts';
import type { Inspection } from '../../orchestrator/wire/inspection.ts';
import { SMALL } from './hub-models.ts';
import { inspection } from './inspected.ts';

const LAPTOP = await loadProfile('laptop');
const H100 = await loadProfile('h100-16');

/** What reading the questions has shown. */
const seen = (
  of: Partial<Inspection['benchmarks'][number]> = {},
  tokenizer: Inspection['tokenizer'] = { sha256: 'sha256:t', vocabularySize: 460 },
) => {
  const counts = { rows: 30, longestPromptTokens: 40, brokenRows: 0, controlTokens: 0 };
  const benchmark = { name: 'sums', ...counts, broken: [], controlTokenRows: [], ...of };
  return { inspection: inspection({ lengths: [], benchmarks: [benchmark], tokenizer }) };
};

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
      architecture: { ...SMALL, layers: 1 },
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
      rows === undefined ? undefined : seen({ rows }),
    ).power;
  expect(told(30)).toMatchObject([{ benchmark: 'sums', questions: 30 }]);
  expect(told(30, 500)).toMatchObject([{ questions: 500 }]);
  expect(told(undefined)).toEqual([]);
});

test('what the evaluation would end at is said before it holds a device', () => {
  const judged = (evidence: ReturnType<typeof seen> | undefined, changes = {}) =>
    makeEvaluationPlan(recipe(changes), 'd', LAPTOP, evidence).verdicts.flatMap(
      ({ name, ok, refuses, message }) =>
        ['data-usable', 'vocabulary-fits'].includes(name) ? [{ name, refused: !ok && refuses, message }] : [],
    );
  expect(judged(undefined)).toEqual([]);
  expect(judged(seen())).toEqual([
    { name: 'data-usable', refused: false, message: 'every question that is here can be asked and graded' },
  ]);
  const broken = [{ file: 'sums.jsonl', line: 3, what: '"answer" is missing' }];
  for (const [evidence, changes, message] of [
    [
      seen({ broken, brokenRows: 2 }),
      {},
      /^2 rows of benchmark sums .*sums\.jsonl:3 "answer" is missing; and 1 more/,
    ],
    [
      seen({
        controlTokens: 1,
        controlTokenRows: [{ file: 'sums.jsonl', line: 2, what: 'holds <|im_end|>' }],
      }),
      {},
      /^control tokens .* in 1 row of benchmark sums \(sums\.jsonl:2 holds .*prompt\.controlTokens to text/,
    ],
    [seen({ rows: 0 }), {}, /^benchmark sums holds no question/],
    [seen(), { questions: 31 }, /^benchmark sums holds 30 questions, and the recipe says 31/],
  ] as const)
    expect(judged(evidence, changes)).toEqual([
      { name: 'data-usable', refused: true, message: expect.stringMatching(message) as string },
    ]);
  const foreign = seen({}, { sha256: 'sha256:t', vocabularySize: 461 });
  expect(judged(foreign).at(-1)).toEqual({
    name: 'vocabulary-fits',
    refused: true,
    message: expect.stringMatching(/^the tokenizer has 461 tokens, and .* 460 rows/) as string,
  });
});

test('questions that were read and not measured say how many they are, and nothing of positions', () => {
  const fit = (evidence?: ReturnType<typeof seen>) =>
    makeEvaluationPlan(recipe({}), 'd', LAPTOP, evidence).verdicts.find(
      ({ name }) => name === 'can-be-evaluated',
    )?.message;
  expect(fit(seen({ longestPromptTokens: 0 }, null))).toContain('30 questions');
  const positions = (message = '') => Number(/([\d,]+) tokens each/.exec(message)?.[1]);
  expect(positions(fit(seen({ longestPromptTokens: 0 }, null)))).toBe(positions(fit()));
  expect(positions(fit(seen()))).toBeGreaterThan(positions(fit()));
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
