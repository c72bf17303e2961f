import { expect, it } from 'vitest';
import { giveUp } from '../../orchestrator/run/proceed.ts';
import { NEW_RUN, type RunState } from '../../orchestrator/run/state.ts';
import { running } from './fixtures.ts';

it('a run that is given up was cancelled where a person asked, now or before, and else interrupted', () => {
  const stopping = (why: 'cancel' | 'interrupt'): RunState => ({
    ...running('train'),
    kind: 'stopping',
    why,
    verdict: null,
  });
  const cancelled = [{ type: 'stopped', message: 'cancelled by a person' }];
  expect(giveUp({ cancel: true }, running('train'))).toEqual(cancelled);
  expect(giveUp({ cancel: false }, stopping('cancel'))).toEqual(cancelled);
  const left = (when: string) => [{ type: 'interrupted', message: `its controller ended ${when}` }];
  expect(giveUp({ cancel: false }, stopping('interrupt'))).toEqual(left('while it ran'));
  expect(giveUp({ cancel: false }, running('train'))).toEqual(left('while it ran'));
  expect(giveUp({ cancel: false }, NEW_RUN.state)).toEqual(left('before it began'));
});
