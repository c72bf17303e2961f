import { expect, test } from 'vitest';
import type { ArmInput } from '../../orchestrator/comparison/arm-input.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { Comparison } from '../../orchestrator/comparison/comparison.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { canBeTold } from '../../orchestrator/evaluation/paired-difference.ts';
import { armInput, recipe } from './fixture.ts';

const both = compareArms([armInput('short'), armInput('long')]);
const texts = (comparison: Comparison) => comparison.findings.map((finding) => finding.text);
/** Without evaluations a comparison takes no time: for tests of something else. */
const unevaluated = (arm: 'short' | 'long', change: Partial<ArmInput> = {}) =>
  armInput(arm, { evaluation: null, ...change });

test('keeps to the names that other programs read', () => {
  expect(both.factor).toBe('training.sequenceLength');
  expect(both.arms[0]).toMatchObject({
    run: 'r-01k9short',
    value: 24,
    truncatedShare: 0.74,
    loss: expect.closeTo(0.31, 2),
    gpuHours: expect.closeTo(84_646 / 3_600_000, 10),
    cost: 0.0047,
    currency: 'USD',
    steps: 1000,
    tokensPerSecond: expect.closeTo(18_000, 6),
    goodput: expect.closeTo(70_070 / 84_646, 10),
  });
  expect(both.arms[0]?.evaluations[5]).toEqual({
    benchmark: 'running-digit',
    control: 'budget',
    budget: 96,
    times: 0,
    accuracy: expect.closeTo(0.683, 3),
    low: expect.closeTo(0.62, 3),
    high: expect.closeTo(0.742, 3),
    n: 240,
    samples: 1,
    votes: [],
    meanThinkingTokens: expect.closeTo(36.8, 1),
    longestThinkingTokens: 96,
    forcedShare: expect.closeTo(0.05, 1),
    unreadableShare: null,
    unreadable: null,
    cutShare: null,
    obeyed: null,
    impossible: null,
    ignored: null,
    method: 'clopper-pearson',
    judge: null,
    looped: null,
    meanTries: null,
    meanDrawnTokens: null,
    countedOut: null,
  });
});

test('calls a difference one exactly when its interval leaves 0 out', () => {
  const accuracies = both.findings.filter((finding) => finding.about === 'accuracy');
  expect(accuracies).toHaveLength(both.differences.length);
  expect(accuracies.filter((finding) => finding.told)).toHaveLength(
    both.differences.filter((difference) => canBeTold(difference.accuracy)).length,
  );
  expect(accuracies[0]?.text).toMatch(
    /^long is more accurate than short at budget 96: \+0\.\d\d \[0\.\d\d, 0\.\d\d\]$/,
  );
  expect(accuracies.find((finding) => !finding.told)?.text).toMatch(
    /^no difference can be told at budget 8: /,
  );
});

test('a few questions of thirty make no arm more accurate, whichever gained them', () => {
  const answers = (right: number): ArmInput['evaluation'] => ({
    checkpoint: 'c',
    benchmarks: [
      {
        name: 'aime24',
        n: 30,
        questions: 'sha256:0',
        results: [
          {
            control: 'budget',
            budget: 96,
            times: 0,
            correct: Array.from({ length: 30 }, (_, index) => (index < right ? 1 : 0)),
            thinkingTokens: Array.from({ length: 30 }, (_, index) => 40 + index),
            forced: 0,
          },
        ],
      },
    ],
  });
  const accuracy = (short: number, long: number) =>
    compareArms([
      armInput('short', { evaluation: answers(short) }),
      armInput('long', { evaluation: answers(long) }),
    ]).findings.find(({ about }) => about === 'accuracy');
  expect(accuracy(15, 19)).toEqual({
    about: 'accuracy',
    told: false,
    text: 'no difference can be told at budget 96: long minus short is +0.13 [-0.02, 0.27]',
  });
  expect([accuracy(15, 20)?.told, accuracy(20, 15)?.told]).toEqual([false, false]);
  expect([accuracy(15, 21)?.told, accuracy(21, 15)?.told]).toEqual([true, true]);
});

test('tells the same differences whichever run comes first', () => {
  const told = (findings: typeof both.findings) =>
    findings
      .filter((finding) => finding.told && finding.about !== 'thinking budget')
      .map((finding) => finding.text);
  const swapped = compareArms([armInput('long'), armInput('short')]);
  expect(told(swapped.findings)).toEqual(told(both.findings));
  expect(told(both.findings)).toContainEqual(expect.stringContaining('short thinks longer than long'));
  expect(told(both.findings)).toContainEqual(
    expect.stringContaining('long costs 0.000640 USD more than short'),
  );
});

test('says what more thinking is worth to each arm, and what Wait is', () => {
  const budget = both.findings.filter((finding) => finding.about === 'thinking budget');
  expect(budget.map((finding) => [finding.told, finding.text.split(/ (?:at|:)|:/)[0]])).toEqual([
    [true, 'short gains from more thinking'],
    [false, 'no effect of 1 × Wait on short can be told'],
    [true, 'long gains from more thinking'],
    [false, 'no effect of 1 × Wait on long can be told'],
  ]);
});

test('what came to nothing is not called productive, whatever its devices did', () => {
  const uses = { productive: 60_070, 'failed-attempts': 10_000, 'start-up': 14_576 };
  expect(compareArms([armInput('short', { uses }), armInput('long')]).arms[0]?.goodput).toBeCloseTo(
    60_070 / 84_646,
    10,
  );
});

test('a run that is under way appears with what is known and says what is missing', () => {
  const running = armInput('short', {
    state: { kind: 'running', stage: 'train', launch: 1, attempt: 1, over: null },
    prepared: null,
    steps: [],
    gpuMilliseconds: {},
    uses: {},
    evaluation: null,
    checkpoint: null,
  });
  const comparison = compareArms([running, armInput('long')]);
  expect(comparison.arms[0]).toMatchObject({
    truncatedBasis: 'plan',
    loss: null,
    tokensPerSecond: null,
    goodput: null,
    costPerPoint: null,
    perPoint: [],
    evaluations: [],
    checkpoint: null,
  });
  expect(comparison.differences).toEqual([]);
  expect(texts(comparison)).toContain(
    'short (r-01k9short): the run is under way in stage train, it has no evaluation',
  );
});

test('of a step done again after a restart, the last report counts', () => {
  const step = { tokens: 10, seconds: 1 };
  const [arm] = compareArms([
    unevaluated('long', {
      steps: [1, 2, 3, 2, 3].map((number, index) => ({ ...step, step: number, loss: index })),
    }),
  ]).arms;
  expect(arm?.lossCurve).toEqual([
    { step: 1, loss: 0 },
    { step: 2, loss: 3 },
    { step: 3, loss: 4 },
  ]);
  expect(arm?.tokensPerSecond).toBe(10);
});

test('runs without a shared factor are compared by the fields that differ', () => {
  const comparison = compareArms([unevaluated('short', { factor: null }), unevaluated('long')]);
  expect(comparison.factor).toBeNull();
  expect(comparison.arms[1]?.value).toBeNull();
  expect(comparison.recipeDifferences).toEqual([{ path: 'training.sequenceLength', values: [24, 96] }]);
  expect(texts(comparison)).toContain(
    'the runs share no factor; their recipes differ in training.sequenceLength',
  );
});

test('arms that differ in more than their factor are found out', () => {
  const other = recipe('quickstart-long', 96);
  const confounded = unevaluated('long', { recipe: { ...other, training: { ...other.training, seed: 43 } } });
  expect(texts(compareArms([unevaluated('short'), confounded]))).toContain(
    'the arms differ in more than training.sequenceLength: training.seed',
  );
  expect(both.recipeDifferences).toEqual([]);
  expect(both.shared).toMatchObject({ 'training.seed': 42, 'dataset.overLength': 'truncate' });
});

test('answers to different questions and costs in different currencies are not compared', () => {
  const long = armInput('long');
  const benchmarks = (long.evaluation?.benchmarks ?? []).map((benchmark) => ({
    ...benchmark,
    questions: 'other',
  }));
  const odd = { ...long, evaluation: { checkpoint: 'c', benchmarks }, cost: { amount: 1, currency: 'EUR' } };
  const comparison = compareArms([armInput('short'), odd]);
  expect(comparison.differences).toEqual([]);
  const found = texts(comparison);
  expect(found).toContainEqual(
    expect.stringContaining('answered different questions under the name running-digit'),
  );
  expect(found).toContain('the runs are priced in different currencies: costs are not compared');
});

test('arms of one name are told apart by their runs', () => {
  const again = unevaluated('long', { run: 'r-again' });
  expect(compareArms([unevaluated('long'), again]).arms.map((arm) => arm.name)).toEqual([
    'long (r-01k9long)',
    'long (r-again)',
  ]);
});

test('refuses to compare nothing, and a run with itself', () => {
  expect(() => compareArms([])).toThrow(StintError);
  expect(() => compareArms([armInput('long'), armInput('long')])).toThrow('Run r-01k9long was given twice.');
});
