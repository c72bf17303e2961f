import { expect, test } from 'vitest';
import { waitFlips } from '../../orchestrator/evaluation/wait-flips.ts';

const result = (correct: readonly number[], more: object) => ({
  control: 'wait' as const,
  budget: 32,
  times: 1,
  correct: [...correct],
  thinkingTokens: correct.map(() => 8),
  forced: 0,
  ...more,
});

test('Waits of another text or accounting are held against the plain budget, and never against each other', () => {
  const results = [
    result([1, 0, 0], { control: 'budget', times: 0 }),
    result([1, 1, 0], {}),
    result([1, 1, 1], { times: 2 }),
    result([0, 0, 0], { text: 'Hmm' }),
    result([0, 1, 0], { accounting: 'restart' }),
    // Without a plain budget there is nothing before it.
    result([1, 1, 1], { budget: 8 }),
  ];
  const benchmarks = [{ name: 'sums', n: 3, questions: 'sha256:0', results }];
  expect(waitFlips({ benchmarks })).toEqual([
    { benchmark: 'sums', budget: 32, from: 0, to: 1, gained: 1, lost: 0, n: 3 },
    { benchmark: 'sums', budget: 32, from: 1, to: 2, gained: 1, lost: 0, n: 3 },
    { benchmark: 'sums', budget: 32, text: 'Hmm', from: 0, to: 1, gained: 0, lost: 1, n: 3 },
    { benchmark: 'sums', budget: 32, accounting: 'restart', from: 0, to: 1, gained: 1, lost: 1, n: 3 },
  ]);
});
