import { expect, test } from 'vitest';
import { attemptsOf } from '../../orchestrator/run/attempts.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';

test('a gang that its job starts again is an attempt, as one that is launched is', () => {
  const train = { stage: 'train' } as const;
  const events: readonly RunEvent[] = [
    { type: 'stage-launched', attempt: 1, ...train },
    { type: 'attempt-ended', attempt: 1, exitClass: 'infrastructure', message: 'lost', ...train },
    { type: 'attempt-began', attempt: 2, retry: true, ...train },
    { type: 'attempt-ended', attempt: 2, exitClass: 'hung', message: 'stood still', ...train },
    { type: 'stage-launched', attempt: 3, ...train },
  ];
  const recorded = events.map((event, index) => ({ seq: index + 1, at: index * 1_000, event }));
  expect(attemptsOf(recorded)).toEqual([
    { number: 1, startedAt: 0, endedAt: 1_000, cause: 'train: infrastructure: lost' },
    { number: 2, startedAt: 2_000, endedAt: 3_000, cause: 'train: hung: stood still' },
    { number: 3, startedAt: 4_000, endedAt: null, cause: null },
  ]);
});
