import { expect, it } from 'vitest';
import { attemptsOf } from '../../orchestrator/run/attempts.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';

const ended = (attempt: number, message: string): RunEvent => ({
  type: 'attempt-ended',
  stage: 'train',
  attempt,
  exitClass: message === 'done' ? 'succeeded' : 'infrastructure',
  message,
});

it('counts the lives of a gang, whoever started it: the control plane, or its own job', () => {
  const events: readonly RunEvent[] = [
    { type: 'stage-launched', stage: 'train', attempt: 1 },
    ended(1, 'killed'),
    { type: 'attempt-began', stage: 'train', attempt: 2, retry: true },
    ended(2, 'killed again'),
    { type: 'stage-launched', stage: 'train', attempt: 3 },
    ended(3, 'done'),
    { type: 'stage-launched', stage: 'export', attempt: 3 },
  ];
  const recorded = events.map((event, index) => ({ seq: index + 1, at: index, event }));
  expect(attemptsOf(recorded)).toEqual([
    { number: 1, startedAt: 0, endedAt: 1, cause: 'train: infrastructure: killed' },
    { number: 2, startedAt: 2, endedAt: 3, cause: 'train: infrastructure: killed again' },
    { number: 3, startedAt: 4, endedAt: null, cause: null },
  ]);
});

it('ends what goes on with the run, says why, and changes no attempt that had ended before', () => {
  const ends: readonly [RunEvent, string][] = [
    [{ type: 'stopped', message: 'cancelled by a person' }, 'stopped: cancelled by a person'],
    [{ type: 'interrupted', message: 'gone' }, 'interrupted: gone'],
    [{ type: 'succeeded' }, 'succeeded'],
  ];
  for (const [end, cause] of ends) {
    const events: readonly RunEvent[] = [
      { type: 'stage-launched', stage: 'train', attempt: 1 },
      ended(1, 'killed'),
      { type: 'stage-launched', stage: 'train', attempt: 2 },
      { type: 'warned', message: 'a node was tainted' },
      end,
    ];
    const recorded = events.map((event, index) => ({ seq: index + 1, at: index, event }));
    expect(attemptsOf(recorded)).toEqual([
      { number: 1, startedAt: 0, endedAt: 1, cause: 'train: infrastructure: killed' },
      { number: 2, startedAt: 2, endedAt: 4, cause },
    ]);
  }
});

it('knows of an attempt only by its beginning, and says of the last stage that it succeeded', () => {
  const unknown = [{ seq: 1, at: 0, event: ended(1, 'done') }];
  expect(attemptsOf(unknown)).toEqual([]);
  const begun = { seq: 1, at: 0, event: { type: 'stage-launched', stage: 'train', attempt: 1 } } as const;
  expect(attemptsOf([begun, ...unknown])[0]?.cause).toBe('succeeded');
});
