import { expect, it } from 'vitest';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import { NEW_RUN } from '../../orchestrator/run/state.ts';

const after = (...events: readonly RunEvent[]) => events.reduce(evolve, NEW_RUN);

it('a run that has succeeded names the checkpoint that was registered, and the newest of several', () => {
  const registered = (checkpoint: string): RunEvent => ({ type: 'checkpoint-registered', checkpoint });
  expect(after(registered('c-1'), { type: 'succeeded' }).state).toEqual({
    kind: 'succeeded',
    checkpoint: 'c-1',
  });
  expect(after(registered('c-1'), registered('c-2'), { type: 'succeeded' }).state).toMatchObject({
    checkpoint: 'c-2',
  });
  expect(after({ type: 'succeeded' }).state).toEqual({ kind: 'succeeded', checkpoint: '' });
});

it('a person who resumes a run gives it its retries and its nodes back, and keeps its budget where none is named', () => {
  const worn = {
    ...NEW_RUN,
    state: { kind: 'stopped', message: '' } as const,
    retries: 2,
    unfit: [['n-1']],
    released: true,
    budget: { gpuHours: 3 },
  };
  expect(evolve(worn, { type: 'resumed' })).toEqual({
    ...NEW_RUN,
    state: { kind: 'queued' },
    budget: { gpuHours: 3 },
  });
  expect(evolve(worn, { type: 'resumed', budget: { gpuHours: 9 } }).budget).toEqual({ gpuHours: 9 });
});

it('what is asked of a run that is at rest changes nothing', () => {
  const rest = after({ type: 'stopped', message: 'cancelled by a person' });
  expect(evolve(rest, { type: 'stop-requested', why: 'cancel' })).toEqual(rest);
});
