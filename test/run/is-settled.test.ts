import { expect, it } from 'vitest';
import { isSettled } from '../../orchestrator/run/is-settled.ts';
import { NEW_RUN, type RunState } from '../../orchestrator/run/state.ts';
import { running } from './fixtures.ts';

it('a run is settled at rest, once a cluster that keeps its objects was told to forget them', () => {
  const settled = (state: RunState, outlives: boolean) =>
    [false, true].map((released) => isSettled({ state, released }, outlives));
  const stopped: RunState = { kind: 'stopped', message: '' };
  expect(settled(stopped, true)).toEqual([false, true]);
  expect(settled(stopped, false)).toEqual([true, true]);
  for (const moving of [NEW_RUN.state, running('train')])
    for (const outlives of [false, true]) expect(settled(moving, outlives)).toEqual([false, false]);
});
