import { expect, test } from 'vitest';
import { controlLabel } from '../../orchestrator/evaluation/control-name.ts';
import { summariseControl } from '../../orchestrator/evaluation/control-summary.ts';
import { matchControls } from '../../orchestrator/evaluation/match-controls.ts';
import type { ControlResult, EvaluationResult } from '../../orchestrator/wire/evaluation-result.ts';

const control = (budget: number, times = 0): ControlResult => ({
  control: times === 0 ? 'budget' : 'wait',
  budget,
  times,
  correct: [1, 0, 1, 1],
  thinkingTokens: [3, 4, 4, 2],
  forced: 2,
});
const result = (questions: string, ...results: ControlResult[]): EvaluationResult => ({
  checkpoint: 'sha256:0',
  benchmarks: [{ name: 'aime24', n: 4, questions, results }],
});

test('pairs equal controls over equal questions and leaves the rest', () => {
  const match = matchControls(
    result('q', control(4), control(4, 1), control(8)),
    result('q', control(4), control(4, 1), control(16)),
  );
  expect(match.controls.map((pair) => [pair.other.budget, pair.other.times])).toEqual([
    [4, 0],
    [4, 1],
  ]);
  expect(match.otherQuestions).toEqual([]);
});

test('never pairs answers to different questions', () => {
  const match = matchControls(result('q', control(4)), result('p', control(4)));
  expect(match).toEqual({ controls: [], otherQuestions: ['aime24'] });
});

test('sums a control up as accuracy, interval, mean thinking and forced share', () => {
  expect(summariseControl(control(4))).toMatchObject({
    accuracy: 0.75,
    n: 4,
    meanThinkingTokens: 3.25,
    forcedShare: 0.5,
    unreadableShare: null,
    cutShare: null,
    low: expect.closeTo(0.1941, 4),
    high: expect.closeTo(0.9937, 4),
  });
  expect(summariseControl({ ...control(4), unreadable: 1, cut: 3 })).toMatchObject({
    unreadableShare: 0.25,
    cutShare: 0.75,
  });
  expect(controlLabel(control(4, 2))).toBe('budget 4 with 2 × Wait');
});
