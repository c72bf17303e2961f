import { expect, it } from 'vitest';
import { endsRun, type RunEvent } from '../../orchestrator/run/event.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import { isAtRest, NEW_RUN } from '../../orchestrator/run/state.ts';

const of = { stage: 'train', attempt: 1 } as const;
const failed = { exitClass: 'data', message: 'm' } as const;
const EVENTS: readonly RunEvent[] = [
  { type: 'stage-launched', ...of },
  { type: 'attempt-began', ...of, retry: true },
  { type: 'attempt-condemned', ...of, ...failed },
  { type: 'attempt-ended', ...of, ...failed },
  { type: 'plan-reviewed', plan: {} as never },
  { type: 'checkpoint-registered', checkpoint: 'c' },
  { type: 'prediction-measured', predicted: 1, actual: 1 },
  { type: 'evaluation-recorded' },
  { type: 'stop-requested', why: 'cancel' },
  { type: 'budget-warned', budget: 'b', used: 'u', limit: 'l' },
  { type: 'warned', message: 'm' },
  { type: 'interrupted', message: 'm' },
  { type: 'resumed' },
  { type: 'failed', stage: 'train', failure: 'user', ...failed },
  { type: 'stopped', message: 'm' },
  { type: 'succeeded' },
  { type: 'released' },
];

it('an event ends a run where the run is at rest after it that was not before', () => {
  const launched = evolve(NEW_RUN, { type: 'stage-launched', ...of });
  const ends = EVENTS.filter(endsRun);
  expect(ends.map(({ type }) => type)).toEqual(['interrupted', 'failed', 'stopped', 'succeeded']);
  for (const event of EVENTS) expect(isAtRest(evolve(launched, event).state)).toBe(endsRun(event));
});
