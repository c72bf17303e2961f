import { expect, test } from 'vitest';
import { parallelGains } from '../../orchestrator/evaluation/parallel-thinking.ts';

/** Of two questions, each answered twice. */
const result = (budget: number, tokens: number) => ({
  control: 'budget' as const,
  budget,
  times: 0,
  samples: 2,
  correct: [1, 2],
  thinkingTokens: [tokens, tokens],
  forced: 0,
  votes: [{ answers: 2, majority: [0 as const, 1 as const], covered: [1 as const, 1 as const] }],
});

const gains = (...results: readonly ReturnType<typeof result>[]) =>
  parallelGains({ benchmarks: [{ name: 'sums', n: 2, questions: 'sha256:0', results: [...results] }] });

test('a vote stands beside one answer that was thought about for as many tokens', () => {
  expect(gains(result(8, 16), result(16, 32))).toMatchObject([
    {
      sequential: { budget: 16 },
      parallel: { budget: 8 },
      answers: 2,
      parallelTokens: 16,
      sequentialTokens: 16,
    },
  ]);
  expect(gains(result(8, 16), result(16, 31))).toEqual([]);
});

test('where nothing was thought, no answer is longer than those that voted', () => {
  expect(gains(result(1, 0))).toEqual([]);
  expect(gains(result(1, 0), result(8, 16))).toMatchObject([
    { sequential: { budget: 8 }, parallel: { budget: 1 }, parallelTokens: 0, sequentialTokens: 8 },
  ]);
});
