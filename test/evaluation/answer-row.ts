import type { AnswerRow } from '../../orchestrator/wire/answer-row.ts';

/** A right answer to a sum, and what is otherwise of it. */
export const answerRow = (changes: Partial<AnswerRow> = {}): AnswerRow => ({
  benchmark: 'sums',
  control: 'budget',
  budget: 8,
  times: 0,
  question: 'What is 1 + 1?',
  reference: '2',
  thinking: '',
  answer: '2',
  thinkingTokens: 4,
  forced: false,
  correct: 1,
  ...changes,
});
