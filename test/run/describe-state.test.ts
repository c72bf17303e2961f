import { expect, it } from 'vitest';
import { describeNow, describeState } from '../../orchestrator/run/describe-state.ts';
import type { RunState } from '../../orchestrator/run/state.ts';
import type { Status } from '../../orchestrator/run/status.ts';
import { running } from './fixtures.ts';

const stopping: RunState = { ...running('train'), kind: 'stopping', why: 'cancel', verdict: null };
const budget = { budget: 'own', what: 'it is used up', todo: 'give it more' };
const failed: RunState = {
  kind: 'failed',
  stage: 'export',
  failure: 'user',
  exitClass: 'data',
  message: 'a bad row',
};

it.each<[RunState, string]>([
  [{ kind: 'queued' }, 'queued'],
  [running('train'), 'running: train'],
  [running('train', 2), 'running: train, attempt 2'],
  [stopping, 'stopping: train is asked to save and end'],
  [{ ...stopping, why: 'budget', budget }, 'stopping: train is asked to save and end: it is used up'],
  [failed, 'failed in export: a bad row'],
  [{ kind: 'interrupted', message: 'gone' }, 'interrupted: gone'],
  [{ kind: 'stopped', message: 'cancelled' }, 'stopped: cancelled'],
  [{ kind: 'succeeded', checkpoint: 'c' }, 'succeeded'],
])('a state is said in a few words (%#)', (state, text) => {
  expect(describeState(state)).toBe(text);
});

it.each<[RunState, Status, string]>([
  [{ kind: 'queued' }, 'starting', 'starting'],
  [running('train'), 'queued', 'queued: train'],
  [running('train', 3), 'starting', 'starting: train, attempt 3'],
  [running('prepare'), 'preparing', 'preparing'],
  [running('export', 2), 'exporting', 'exporting, attempt 2'],
  [running('evaluate'), 'evaluating', 'evaluating'],
  [running('train'), 'running', 'running: train'],
  [stopping, 'stopping', 'stopping: train is asked to save and end'],
  [failed, 'failed', 'failed in export: a bad row'],
])('what its cluster says of it takes the place of a state that is recorded (%#)', (state, status, text) => {
  expect(describeNow(state, status)).toBe(text);
});
