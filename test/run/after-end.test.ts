import { describe, expect, it } from 'vitest';
import { afterEnd, whyNoRetry } from '../../orchestrator/run/after-end.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { NEW_RUN, type Outcome, type Run, type RunState } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import type { ExitClass } from '../../orchestrator/wire/termination.ts';
import { CALM, ended, job, pod, running } from './fixtures.ts';

const BUDGET = { budget: 'own', what: 'it is used up', todo: 'give it more' };
const view = (fields: Partial<View> = {}): View => ({
  ...CALM,
  stages: ['train', 'export'],
  seen: { jobs: [], pods: [] },
  ...fields,
});
const training: Run = { ...NEW_RUN, state: running('train'), attempt: 1 };
const stopping = (why: 'cancel' | 'interrupt' | 'trouble' | 'budget'): Run => {
  const state = { ...running('train'), kind: 'stopping', why, verdict: null } as RunState;
  return { ...training, state: why === 'budget' ? ({ ...state, budget: BUDGET } as RunState) : state };
};
const end = (exitClass: ExitClass, message = 'it ended') =>
  ({ type: 'attempt-ended', stage: 'train', attempt: 1, exitClass, message }) as const;
const after = (exitClass: ExitClass, run = training, fields: Partial<View> = {}, of?: JobFacts) =>
  afterEnd(run, view(fields), end(exitClass), of);
const again = [{ type: 'stage-launched', stage: 'train', attempt: 2 }];
const STOPPED = [{ type: 'stopped', message: 'cancelled by a person' }];

describe('after an attempt', () => {
  it('that succeeded comes the next stage, whatever it was asked meanwhile but to end', () => {
    const done: Run = { ...training, done: ['train'] };
    const next = [{ type: 'stage-launched', stage: 'export', attempt: 1 }];
    expect(after('succeeded', done)).toEqual(next);
    for (const why of ['trouble', 'budget'] as const)
      expect(after('succeeded', { ...done, state: stopping(why).state })).toEqual(next);
    expect(after('succeeded', { ...done, state: stopping('cancel').state })).toEqual(STOPPED);
    expect(after('succeeded', done, { cancel: true })).toEqual(STOPPED);
    const gone = [{ type: 'interrupted', message: 'its controller ended while it ran' }];
    expect(after('succeeded', { ...done, state: stopping('interrupt').state })).toEqual(gone);
    expect(after('succeeded', done, { interrupt: true })).toEqual(gone);
  });

  it('that cannot be tried again comes the failure, whoever asked for its end', () => {
    const failed = [
      { type: 'failed', stage: 'train', failure: 'user', exitClass: 'data', message: 'it ended' },
    ];
    expect(after('data')).toEqual(failed);
    expect(after('data', stopping('cancel'), { cancel: true })).toEqual(failed);
    expect(after('data', stopping('budget'))).toEqual(failed);
  });

  it('that was asked to end comes what was asked for: a person before the budget, the budget before the controller', () => {
    expect(after('interrupted', stopping('cancel'))).toEqual(STOPPED);
    expect(after('interrupted', training, { cancel: true })).toEqual(STOPPED);
    expect(after('interrupted', stopping('interrupt'))).toEqual([
      { type: 'interrupted', message: 'its controller ended while it ran' },
    ]);
    expect(after('interrupted', stopping('budget'), { cancel: true })).toEqual(STOPPED);
    const spent = [
      {
        type: 'failed',
        stage: 'train',
        failure: 'budget',
        exitClass: 'interrupted',
        message: 'it is used up; it ended; give it more',
      },
    ];
    expect(after('interrupted', stopping('budget'))).toEqual(spent);
    expect(after('interrupted', stopping('budget'), { interrupt: true })).toEqual(spent);
    expect(after('interrupted', stopping('budget'), { seen: null })).toEqual(spent);
    const cancelledSince = evolve(stopping('budget'), { type: 'stop-requested', why: 'cancel' });
    expect(after('interrupted', cancelledSince)).toEqual(STOPPED);
  });

  it('says the newest step that its own pods have saved', () => {
    const saved = (step: number, facts: Partial<PodFacts> = {}) =>
      ended('interrupted', { termination: { exitClass: 'interrupted', message: '', step }, ...facts });
    const pods = [
      saved(7),
      saved(9, { index: 1 }),
      saved(20, { attempt: 2 }),
      saved(30, { stage: 'export' }),
      pod({ index: 2, endedAt: 2_000 }),
    ];
    expect(after('interrupted', stopping('budget'), { seen: { jobs: [], pods } })).toMatchObject([
      { message: 'it is used up; saved at step 9; give it more' },
    ]);
  });

  it('that a machine or nobody ended comes the next, also where it was in trouble', () => {
    expect(after('infrastructure')).toEqual(again);
    expect(after('infrastructure', training, { seen: null })).toEqual(again);
    expect(after('infrastructure', stopping('trouble'))).toEqual(again);
    const held = job({ state: 'held', reason: 'Suspended', message: 'by us' });
    expect(after('infrastructure', stopping('trouble'), {}, held)).toEqual(again);
  });
});

describe('an attempt whose job others have ended', () => {
  const held = (reason: string) => job({ state: 'held', reason, message: 'so it says' });
  const stopped = [{ type: 'stopped', message: 'so it says' }];

  it('is not started again', () => {
    expect(after('interrupted', training, {}, held('Suspended'))).toEqual(stopped);
    expect(after('interrupted', training, {}, held('Deleted'))).toEqual(stopped);
    expect(after('interrupted', stopping('trouble'), {}, held('Deleted'))).toEqual(stopped);
    const deleted = job({ state: 'active', reason: 'Deleted', message: 'so it says' });
    expect(after('interrupted', training, {}, deleted)).toEqual(again);
  });

  it('has failed for its time where its queue has a limit, or the job a deadline', () => {
    const failed = (message: string) => [
      { type: 'failed', stage: 'train', failure: 'budget', exitClass: 'interrupted', message },
    ];
    const limit = 'DeactivatedDueToMaximumExecutionTimeExceeded';
    expect(after('interrupted', training, {}, held(limit))).toEqual(failed('so it says'));
    const late = job({ state: 'failed', reason: 'DeadlineExceeded', message: 'active for longer' });
    const told = 'it ran for longer than its stage may (activeDeadlineSeconds): active for longer';
    expect(after('infrastructure', training, {}, late)).toEqual(failed(told));
    expect(after('unfit', { ...training, unfit: [['n']] }, {}, late)).toEqual(again);
  });

  it('is taken for one that ran too long where none of its own pods says why its JobSet gave up', () => {
    const gaveUp = job({ state: 'failed', reason: 'FailJobSetFailurePolicyAction', message: 'x' });
    const beside = (...pods: readonly PodFacts[]) =>
      after('infrastructure', training, { seen: { jobs: [gaveUp], pods } }, gaveUp)[0]?.type;
    const { termination: _, ...silent } = ended('data');
    expect(beside()).toBe('failed');
    expect(beside(silent)).toBe('stage-launched');
    expect(beside({ ...silent, job: 'another' })).toBe('failed');
    expect(beside({ ...silent, exitCode: 143 })).toBe('failed');
    expect(beside(pod({ endedAt: 2_000 }))).toBe('failed');
    const another = job({ state: 'failed', reason: 'BackoffLimitExceeded' });
    expect(after('infrastructure', training, {}, another)).toEqual(again);
  });
});

describe('no further attempt may start', () => {
  const outcome: Outcome = { exitClass: 'infrastructure', message: 'it broke' };
  const why = (run: Partial<Run>, fields: Partial<View> = {}, of: Partial<Outcome> = {}) =>
    whyNoRetry({ ...training, ...run }, view(fields), 'train', { ...outcome, ...of });

  it('where a budget is reached, but for an export', () => {
    const reached = { budget: { reached: BUDGET, warnings: [] } };
    expect(why({}, reached)).toEqual({
      failure: 'budget',
      exitClass: 'infrastructure',
      message: 'it broke; it is used up, so nothing starts again; give it more',
    });
    expect(whyNoRetry(training, view(reached), 'export', outcome)).toBeUndefined();
  });

  it('where machines were found wanting twice', () => {
    const unfit = { exitClass: 'unfit' } as const;
    expect(why({ unfit: [['a'], ['b']] }, {}, unfit)).toEqual({
      failure: 'infrastructure',
      exitClass: 'unfit',
      message:
        'it broke (measured twice, the second time away from the first nodes, as far as there were others)',
    });
    expect(why({ unfit: [['a']] }, {}, unfit)).toBeUndefined();
    expect(why({ unfit: [['a'], ['b']] })).toBeUndefined();
  });

  it('after the last retry, unless its queue took it back', () => {
    expect(why({ retries: 1 })).toBeUndefined();
    expect(why({ retries: 2 })?.message).toBe('it broke (after 2 retries)');
    expect(why({ retries: 9 })?.failure).toBe('infrastructure');
    expect(why({ retries: 9 }, {}, { requeued: true })).toBeUndefined();
  });
});
