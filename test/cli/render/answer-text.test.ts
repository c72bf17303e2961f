import { expect, test } from 'vitest';
import { answerText } from '../../../orchestrator/cli/render/answer-text.ts';
import { AnswerRowSchema } from '../../../orchestrator/wire/answer-row.ts';
import { answerRow } from '../../evaluation/answer-row.ts';

const ROW = AnswerRowSchema.parse({
  ...answerRow(),
  thinking: 'one more',
  answer: 'two',
  thinkingTokens: 8,
  forced: true,
  cut: false,
  label: 'obeyed',
  grade: 'right',
  gradedBy: 'judge',
  judge: { verdict: 'right', said: 'c0de right', problem: null, grader: 'unreadable', promptTokens: 9 },
});

test('an answer has one line a part, and its grade says whose it is', () => {
  expect(answerText(ROW)).toBe(
    [
      'sums at budget 8: right, by the judge (the grader: unreadable); 8 tokens of thinking, ended by the budget; the control was obeyed',
      'question   What is 1 + 1?',
      'thinking   one more',
      'answer     two',
      'reference  2',
    ].join('\n'),
  );
});

test('a judge that gave no verdict is told, and a grader that was alone is not', () => {
  const judge = { verdict: null, said: null, problem: 'it did not answer', grader: 'unreadable' } as const;
  const [unheard] = answerText({ ...ROW, grade: 'unreadable', gradedBy: 'grader', judge }).split('\n');
  expect(unheard).toContain('unreadable, by the grader (the judge gave no verdict: it did not answer);');
  const { judge: _, ...alone } = ROW;
  expect(answerText({ ...alone, gradedBy: 'grader' }).split('\n')[0]).toContain(': right; 8 tokens');
});

test('of several answers to a question each says which it is', () => {
  expect(answerText({ ...ROW, sample: 3 }, true)).toMatch(/^sums at budget 8, answer 3: /);
  expect(answerText(ROW, true)).toMatch(/^sums at budget 8, answer 1: /);
});

test('a text of several lines cannot be taken for another part of the answer', () => {
  const lines = answerText({ ...ROW, answer: '3\nreference  3', thinking: '\none\n' }).split('\n');
  expect(lines.slice(2)).toEqual([
    'thinking   ',
    '           one',
    '           ',
    'answer     3',
    '           reference  3',
    'reference  2',
  ]);
});
