import { expect, it } from 'vitest';
import { giveUp, proceed } from '../../orchestrator/run/proceed.ts';
import { NEW_RUN, type RunState } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import { running } from './fixtures.ts';

const view = (...stages: View['stages']): View => ({
  stages,
  seen: null,
  trouble: null,
  cancel: false,
  interrupt: false,
  maxRetries: 3,
  held: 0,
  maxHeld: 1,
});

it('what follows is the stage behind those that are done, and none that came before them when the run began', () => {
  const after = (...done: View['stages']) => proceed({ ...NEW_RUN, done }, view('prepare', 'evaluate'), 2);
  const launched = (stage: string) => [{ type: 'stage-launched', stage, attempt: 2 }];
  expect(after()).toEqual(launched('prepare'));
  expect(after('prepare')).toEqual(launched('evaluate'));
  expect(after('prepare', 'evaluate')).toEqual([{ type: 'succeeded' }]);
  expect(after('evaluate')).toEqual([{ type: 'succeeded' }]);
});

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
