import { expect, test } from 'vitest';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import type { EvaluationResult, JudgeCounts } from '../../orchestrator/wire/evaluation-result.ts';
import { armInput } from './fixture.ts';

const JUDGE = {
  url: 'http://judge.example/v1',
  model: 'judge-1',
  answers: 'unreadable',
  instructions: 'sha256:1',
} as const;
const COUNTS: JudgeCounts = {
  asked: 5,
  right: 2,
  wrong: 1,
  unreadable: 1,
  unheard: 1,
  overruled: 0,
  promptTokens: 400,
  completionTokens: 40,
};

function arm(name: 'short' | 'long', judge: EvaluationResult['judge'] | undefined, counts = COUNTS) {
  const { evaluation } = armInput(name);
  if (evaluation === null) throw new Error('the fixture is evaluated');
  if (judge === undefined) return armInput(name);
  const benchmarks = evaluation.benchmarks.map((benchmark) => ({
    ...benchmark,
    results: benchmark.results.map((result, index) => ({
      ...result,
      judge: index === 0 ? counts : { ...counts, asked: 0, right: 0, wrong: 0, unreadable: 0, unheard: 0 },
    })),
  }));
  return armInput(name, { evaluation: { ...evaluation, judge, benchmarks } });
}

const told = (...arms: ReturnType<typeof arm>[]): readonly string[] =>
  compareArms(arms)
    .findings.map(({ text }) => text)
    .filter((text) => /judge|graders alone/.test(text));

test('says how much of an accuracy is the word of a judge, and what it took', () => {
  const [text, ...others] = told(arm('short', JUDGE));
  expect(others).toEqual([]);
  expect(text).toMatch(
    /^short \(r-01k9short\): of \d+ answers 4 are graded by judge-1 at http:\/\/judge.example\/v1, 2 of them as right; of 1 it gave no verdict, and the grader’s stands; it took \d+ tokens of prompts and \d+ of replies$/,
  );
  expect(told(arm('short', JUDGE, { ...COUNTS, overruled: 3 })).join()).toContain(
    'against what the grader had read',
  );
});

test('says nothing of graders that judged alone', () => {
  expect(told(arm('short', undefined), arm('long', undefined))).toEqual([]);
});

test('says where two arms were not judged alike', () => {
  const unlike = (...arms: ReturnType<typeof arm>[]) =>
    told(...arms).filter((text) => text.includes('judged alike'));
  expect(unlike(arm('short', JUDGE), arm('long', JUDGE))).toEqual([]);
  expect(unlike(arm('short', JUDGE), arm('long', undefined))).toEqual([
    'answers were not judged alike (short by judge-1; long by the graders alone): a part of the differences is the judges’',
  ]);
  expect(unlike(arm('short', JUDGE), arm('long', { ...JUDGE, instructions: 'sha256:2' }))).toHaveLength(1);
});

test('the rows of an evaluation have the counts', () => {
  const [first] = compareArms([arm('short', JUDGE)]).arms;
  expect(first?.judge).toEqual(JUDGE);
  expect(first?.evaluations[0]?.judge).toEqual(COUNTS);
});
