import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flipsBetween } from '../../orchestrator/evaluation/flips.ts';
import {
  firstDifference,
  haveOtherTokenizers,
  numbered,
  partings,
} from '../../orchestrator/evaluation/parting.ts';
import type { AnswerRow } from '../../orchestrator/wire/answer-row.ts';
import { answerRow } from './answer-row.ts';

const measured = (correct: readonly number[], questions = 'q', samples = 1) => {
  const thinkingTokens = correct.map(() => 4);
  const result = { control: 'budget' as const, budget: 8, times: 0, forced: 0, samples, thinkingTokens };
  return {
    benchmarks: [
      { name: 'sums', n: correct.length, questions, results: [{ ...result, correct: [...correct] }] },
    ],
  };
};

test('answers that changed sides are told by their questions, over the same questions only', () => {
  expect(flipsBetween(measured([0, 1, 1, 0, 1]), measured([1, 1, 0, 0, 0]))).toEqual({
    flips: [{ benchmark: 'sums', control: 'budget', budget: 8, times: 0, gained: [1], lost: [3, 5], n: 5 }],
    otherQuestions: [],
  });
  expect(flipsBetween(measured([0]), measured([1], 'others'))).toEqual({
    flips: [],
    otherQuestions: ['sums'],
  });
});

test('of runs that answered a question more or less often, it is the share of right answers that rises or falls', () => {
  const [once, thrice] = [measured([1, 1, 0, 0]), measured([3, 1, 0, 2], 'q', 3)];
  expect(flipsBetween(once, thrice).flips).toMatchObject([{ gained: [4], lost: [2] }]);
  expect(flipsBetween(thrice, once).flips).toMatchObject([{ gained: [2], lost: [4] }]);
  const shares = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(shares, shares, fc.nat(12), (of, to, right) => {
      const scaled = flipsBetween(measured([right * of], 'q', 12 * of), measured([right * to], 'q', 12 * to));
      expect(scaled.flips).toMatchObject([{ gained: [], lost: [] }]);
    }),
  );
});

const answer = (tokens: readonly number[] | undefined, changes: Partial<AnswerRow> = {}): AnswerRow =>
  answerRow({ ...(tokens && { tokens: [...tokens] }), ...changes });

test('two lists of tokens part where the first differs, or where the shorter one ends', () => {
  const tokens = fc.array(fc.nat(3), { maxLength: 6 });
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      const at = firstDifference(a, b);
      expect(a.slice(0, at ?? undefined)).toEqual(b.slice(0, at ?? undefined));
      if (at === null) expect(a).toEqual(b);
      else expect(a[at]).not.toBe(b[at]);
    }),
  );
});

test('answers are matched by control, question and sample, and those without tokens are left out', () => {
  const twice = { number: 1, sample: 2 };
  const first = [answer([1, 2, 3]), answer([4, 5], twice), answer(undefined, { number: 2 })];
  const second = [answer([1, 9, 3]), answer([4, 5, 6], twice), answer([7], { number: 2 })];
  expect(partings(first, second)).toMatchObject([
    { question: 1, sample: 1, token: 1, tokens: [2, 9] },
    { question: 1, sample: 2, token: 2, tokens: [null, 6] },
  ]);
  expect(partings([answer([1])], [answer([1])])).toMatchObject([{ token: null, tokens: [null, null] }]);
  expect(partings([answer([1])], [answer([1], { question: 'another' })])).toEqual([]);
  expect(partings([answer([1])], [answer([1], { budget: 16 })])).toEqual([]);
});

test('tokens are counted behind the prompt, and prompts that differ are told as such', () => {
  const asked = (prompt: readonly number[], ...behind: number[]) =>
    answer([...prompt, ...behind], { promptTokens: prompt.length });
  const parted = (one: AnswerRow, other: AnswerRow) => partings([one], [other])[0];
  expect(parted(asked([5, 6], 1, 2), asked([5, 6], 1, 3))).toMatchObject({
    token: 1,
    inPrompt: false,
    tokens: [2, 3],
  });
  expect(parted(asked([5, 6]), asked([5, 6], 3))).toMatchObject({
    token: 0,
    inPrompt: false,
    tokens: [null, 3],
  });
  expect(parted(asked([5, 6], 1), asked([5, 7], 1))).toMatchObject({
    token: 1,
    inPrompt: true,
    tokens: [6, 7],
  });
  expect(parted(asked([5], 7), asked([5, 6], 7))).toMatchObject({ token: 1, inPrompt: true, tokens: [7, 6] });
  expect(parted(asked([5, 6], 1), asked([5, 6], 1))).toMatchObject({ token: null, inPrompt: false });
});

test('rows without numbers are counted by control', () => {
  const rows = [answer([1]), answer([2]), answer([3], { budget: 16 }), answer([4], { number: 7 })];
  expect(numbered(rows).map(({ question }) => question)).toEqual([1, 2, 1, 7]);
});

test('tokens are of different tokenizers where one prompt is of different ones', () => {
  const asked = (prompt: string | undefined, ...tokens: readonly number[]) =>
    answer(tokens, { promptTokens: 2, ...(prompt !== undefined && { prompt }) });
  expect(haveOtherTokenizers([asked('Add', 1, 2, 3)], [asked('Add', 1, 2, 9)])).toBe(false);
  expect(haveOtherTokenizers([asked('Add', 1, 2, 3)], [asked('Add', 1, 7, 3)])).toBe(true);
  // Asked otherwise, or by rows of old, which have kept no prompt.
  expect(haveOtherTokenizers([asked('Add', 1, 2, 3)], [asked('Sum', 4, 5, 6)])).toBe(false);
  expect(haveOtherTokenizers([asked(undefined, 1, 2)], [asked(undefined, 4, 5)])).toBe(false);
  expect(haveOtherTokenizers([answer(undefined, { prompt: 'Add' })], [asked('Add', 4, 5)])).toBe(false);
});
