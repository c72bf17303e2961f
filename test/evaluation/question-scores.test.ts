import { expect, test } from 'vitest';
import { summariseControl } from '../../orchestrator/evaluation/control-summary.ts';
import { questionScores } from '../../orchestrator/evaluation/question-scores.ts';
import { shareInterval } from '../../orchestrator/evaluation/share-interval.ts';
import type { ControlResult } from '../../orchestrator/wire/evaluation-result.ts';

const RESULT: ControlResult = {
  control: 'budget',
  budget: 500,
  times: 0,
  samples: 4,
  correct: [4, 2, 0],
  thinkingTokens: [400, 1000, 2000],
  forced: 6,
  unreadable: 3,
  cut: 3,
  looped: 2,
  votes: [{ answers: 4, majority: [1, 0, 0], covered: [1, 1, 0] }],
};

test('several answers to a question are one share and one mean of it', () => {
  expect(questionScores(RESULT)).toEqual({
    samples: 4,
    accuracy: [1, 0.5, 0],
    thinkingTokens: [100, 250, 500],
  });
  const { samples: _, ...old } = { ...RESULT, correct: [1, 0, 1] };
  expect(questionScores(old).accuracy).toEqual([1, 0, 1]);
});

test('shares are of answers, and the interval is of questions', () => {
  const summary = summariseControl(RESULT);
  expect(summary).toMatchObject({
    accuracy: 0.5,
    n: 3,
    samples: 4,
    forcedShare: 0.5,
    unreadableShare: 0.25,
    cutShare: 0.25,
    looped: 2,
    method: 'korn-graubard',
    ...shareInterval([1, 0.5, 0], 4),
  });
  expect(summary.low).toBeLessThan(shareInterval([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]).low);
});

test('a majority and a cover have the exact interval of their questions', () => {
  const [vote] = summariseControl(RESULT).votes;
  expect(vote).toEqual({
    answers: 4,
    majority: { share: 1 / 3, ...shareInterval([1, 0, 0]) },
    covered: { share: 2 / 3, ...shareInterval([1, 1, 0]) },
  });
  expect(summariseControl({ ...RESULT, votes: undefined }).votes).toEqual([]);
});
