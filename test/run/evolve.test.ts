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

it('a run at rest says how it came to be', () => {
  expect(after({ type: 'interrupted', message: 'gone' }).state).toEqual({
    kind: 'interrupted',
    message: 'gone',
  });
  expect(after({ type: 'stopped', message: 'cancelled' }).state).toEqual({
    kind: 'stopped',
    message: 'cancelled',
  });
  const failure = { stage: 'train', failure: 'user', exitClass: 'data', message: 'a bad row' } as const;
  expect(after({ type: 'failed', ...failure }).state).toEqual({ kind: 'failed', ...failure });
});

it('an attempt that ends leaves what it came to, the nodes under suspicion, and its stage once where it succeeded', () => {
  const launched: RunEvent = { type: 'stage-launched', stage: 'train', attempt: 1 };
  const ended = { type: 'attempt-ended', stage: 'train', attempt: 1, message: 'm' } as const;
  const failed = after(launched, { ...ended, exitClass: 'infrastructure', nodes: ['n-1'] });
  expect(failed).toMatchObject({ suspects: ['n-1'], unfit: [], done: [], retries: 0 });
  expect(failed.state).toMatchObject({
    over: { exitClass: 'infrastructure', message: 'm', nodes: ['n-1'] },
  });
  const requeued = after(launched, { ...ended, exitClass: 'interrupted', requeued: true });
  expect(requeued.state).toEqual({
    kind: 'running',
    stage: 'train',
    launch: 1,
    attempt: 1,
    over: { exitClass: 'interrupted', message: 'm', nodes: [], requeued: true },
  });
  const unfit = after(launched, { ...ended, exitClass: 'unfit', nodes: ['a', 'b'] });
  expect(unfit).toMatchObject({ suspects: ['a', 'b'], unfit: [['a', 'b']] });
  const twice = after(launched, { ...ended, exitClass: 'succeeded' }, { ...ended, exitClass: 'succeeded' });
  expect(twice.done).toEqual(['train']);
});

it('what is asked of an attempt keeps the verdict that it was condemned with', () => {
  const launched: RunEvent = { type: 'stage-launched', stage: 'train', attempt: 1 };
  const verdict = { exitClass: 'hung', message: 'it stands still', nodes: ['n'] } as const;
  const condemned = after(launched, { type: 'attempt-condemned', stage: 'train', attempt: 1, ...verdict });
  expect(condemned.state).toMatchObject({ kind: 'stopping', why: 'trouble', verdict });
  expect(evolve(condemned, { type: 'stop-requested', why: 'cancel' }).state).toMatchObject({
    kind: 'stopping',
    why: 'cancel',
    verdict,
  });
  const budget = { budget: 'own', what: 'used up', todo: 'more' };
  const asked = after(launched, { type: 'stop-requested', why: 'budget', budget });
  expect(asked.state).toMatchObject({ kind: 'stopping', why: 'budget', budget, verdict: null });
  expect(asked.state).not.toHaveProperty('type');
});

it('an attempt that its job or the next launch starts is a retry where the last one had failed', () => {
  const launch = (attempt: number): RunEvent => ({ type: 'stage-launched', stage: 'train', attempt });
  const began = (retry: boolean): RunEvent => ({ type: 'attempt-began', stage: 'train', attempt: 2, retry });
  expect(after(launch(1))).toMatchObject({ attempt: 1, retries: 0 });
  expect(after(launch(1), launch(2))).toMatchObject({ attempt: 2, retries: 1 });
  expect(after(launch(1), launch(1))).toMatchObject({ attempt: 1, retries: 0 });
  expect(after(launch(1), { type: 'stopped', message: '' }, launch(2)).retries).toBe(0);
  expect(after(launch(1), began(true))).toMatchObject({
    attempt: 2,
    retries: 1,
    state: { attempt: 2, launch: 1 },
  });
  expect(after(launch(1), began(false))).toMatchObject({ attempt: 2, retries: 0 });
  expect(after({ type: 'released' }).released).toBe(true);
  expect(after({ type: 'released' }, launch(1)).released).toBe(false);
});

it('what was taken over of a stage is remembered, stage by stage', () => {
  expect(
    after(
      { type: 'plan-reviewed' } as RunEvent,
      { type: 'checkpoint-registered', checkpoint: 'c' },
      { type: 'evaluation-recorded' },
    ).collected,
  ).toEqual(['prepare', 'export', 'evaluate']);
});

it('an attempt that follows one which was asked to end is a retry, too', () => {
  const launched = (attempt: number): RunEvent => ({ type: 'stage-launched', stage: 'train', attempt });
  expect(after(launched(1), launched(2)).retries).toBe(1);
  expect(after(launched(1), { type: 'stop-requested', why: 'interrupt' }, launched(2)).retries).toBe(1);
  expect(after(launched(1), { type: 'interrupted', message: '' }, launched(2)).retries).toBe(0);
});

it('what is only told of a run changes nothing of it', () => {
  const run = after({ type: 'stage-launched', stage: 'train', attempt: 1 });
  expect(evolve(run, { type: 'warned', message: 'a node was tainted' })).toEqual(run);
  expect(evolve(run, { type: 'prediction-measured', predicted: 1, actual: 2 })).toEqual(run);
});
