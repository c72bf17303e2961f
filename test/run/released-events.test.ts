import { expect, test } from 'vitest';
import { attemptsOf } from '../../orchestrator/run/attempts.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import { releasedEvents } from '../../orchestrator/run/released-events.ts';
import { isAtRest } from '../../orchestrator/run/state.ts';

const LAUNCHED: RunEvent = { type: 'stage-launched', stage: 'train', attempt: 1 };
const ENDED = {
  type: 'attempt-ended',
  stage: 'train',
  attempt: 1,
  exitClass: 'interrupted',
  message: 'm',
} as const;
const recorded = (...events: readonly RunEvent[]) =>
  events.map((event, index) => ({ seq: index + 1, at: 1_000 * (index + 1), event }));

const LIVES: readonly (readonly RunEvent[])[] = [
  [],
  [LAUNCHED],
  [LAUNCHED, { type: 'stop-requested', why: 'cancel' }],
  [LAUNCHED, ENDED],
  [LAUNCHED, ENDED, { type: 'stopped', message: 'by a person' }],
  [LAUNCHED, { type: 'interrupted', message: 'm' }],
];

test('a run is at rest and let go once it was released, with no attempt that goes on, and a second time changes nothing', () => {
  for (const life of LIVES) {
    const after = [...life, ...releasedEvents(foldRun(recorded(...life)))];
    const run = foldRun(recorded(...after));
    expect(isAtRest(run.state)).toBe(true);
    expect(run.released).toBe(true);
    expect(attemptsOf(recorded(...after)).filter(({ endedAt }) => endedAt === null)).toEqual([]);
    expect(releasedEvents(run)).toEqual([]);
  }
});

test('what a run had come to before stays what became of it', () => {
  const life = [LAUNCHED, ENDED, { type: 'stopped', message: 'by a person' }] as const;
  expect(releasedEvents(foldRun(recorded(...life)))).toEqual([{ type: 'released' }]);
});

test('an attempt that goes on has ended with the release, whether it was asked to end before or not', () => {
  const why = 'released: a person took its objects off the cluster';
  const ending = [{ ...ENDED, message: why }, { type: 'stopped', message: why }, { type: 'released' }];
  expect(releasedEvents(foldRun(recorded(LAUNCHED)))).toEqual(ending);
  expect(releasedEvents(foldRun(recorded(LAUNCHED, { type: 'stop-requested', why: 'cancel' })))).toEqual(
    ending,
  );
  expect(releasedEvents(foldRun(recorded(LAUNCHED, ENDED)))).toEqual(ending.slice(1));
});
