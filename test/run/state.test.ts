import { expect, it } from 'vitest';
import { isAtRest, NEW_RUN, type RunState } from '../../orchestrator/run/state.ts';
import { running } from './fixtures.ts';

it('a run is at rest when nothing more happens to it by itself', () => {
  const isAtRestAs: Readonly<Record<RunState['kind'], boolean>> = {
    queued: false,
    running: false,
    stopping: false,
    interrupted: true,
    stopped: true,
    failed: true,
    succeeded: true,
  };
  const failure = { stage: 'train', failure: 'user', exitClass: 'data', message: '' } as const;
  const states: readonly RunState[] = [
    NEW_RUN.state,
    running('train'),
    { ...running('train'), kind: 'stopping', why: 'cancel', verdict: null },
    { kind: 'interrupted', message: '' },
    { kind: 'stopped', message: '' },
    { kind: 'failed', ...failure },
    { kind: 'succeeded', checkpoint: '' },
  ];
  expect(Object.fromEntries(states.map((state) => [state.kind, isAtRest(state)]))).toEqual(isAtRestAs);
});

it('a new run waits, and has done, failed, spent and been told nothing yet', () => {
  const { state, done, collected, suspects, unfit, warned, ...rest } = NEW_RUN;
  expect(state).toEqual({ kind: 'queued' });
  expect([done, collected, suspects, unfit, warned].flat()).toEqual([]);
  expect(rest).toStrictEqual({ attempt: 0, retries: 0, checkpoint: null, budget: null, released: false });
});
