import { describe, expect, it } from 'vitest';
import { observed } from '../../cluster/local/observed.ts';
import type { BudgetStanding } from '../../orchestrator/run/budget-standing.ts';
import { decide } from '../../orchestrator/run/decide.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { NEW_RUN, type Run } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import { CALM, ended, job, pod, running } from './fixtures.ts';

const BUDGET = {
  budget: 'own',
  what: 'its budget is reached: 7.00 of 7.00 device-hours',
  todo: 'resume r1 with more',
};
const REACHED: BudgetStanding = { reached: BUDGET, warnings: [] };

const view = (pods: readonly PodFacts[], fields: Partial<View> = {}): View => ({
  ...CALM,
  stages: ['prepare', 'train', 'export', 'evaluate'],
  seen: observed(pods),
  budget: REACHED,
  ...fields,
});
const onJob = (facts: Partial<JobFacts>, pods: readonly PodFacts[] = []) =>
  view(pods, { seen: { jobs: [job(facts)], pods } });

const at = (stage: Stage, done: readonly Stage[]): Run => ({
  ...NEW_RUN,
  state: running(stage),
  done,
  attempt: 1,
});
const training = at('train', ['prepare']);
const stopping = evolve(training, { type: 'stop-requested', why: 'budget', budget: BUDGET });
const failed = (stage: Stage, message: string, exitClass = 'interrupted') => ({
  type: 'failed',
  stage,
  failure: 'budget',
  exitClass,
  message,
});

describe('a run whose budget is used up', () => {
  it('is asked to save and end, until its pods have, and then failed: with the figures, the step and what to do', () => {
    expect(decide(training, view([pod()])).events).toEqual([
      { type: 'stop-requested', why: 'budget', budget: BUDGET },
    ]);
    expect(decide(stopping, view([pod()])).effects).toEqual([{ do: 'stop', stage: 'train', attempt: 1 }]);
    const termination = { exitClass: 'interrupted', message: 'Stopped on request', step: 210 } as const;
    const events = decide(stopping, view([ended('interrupted', { termination })])).events;
    expect(events.map(({ type }) => type)).toEqual(['attempt-ended', 'failed']);
    expect(events[1]).toEqual(failed('train', `${BUDGET.what}; saved at step 210; ${BUDGET.todo}`));
    // Also when it was raised meanwhile: the attempt is over, and a person says when the next one begins.
    expect(
      decide(
        stopping,
        view([ended('interrupted', { termination })], { budget: { reached: null, warnings: [] } }),
      ).events[1],
    ).toEqual(events[1]);
  });

  it('says in its pods’ words what became of the attempt when they do not say a step', () => {
    expect(decide(stopping, view([ended('infrastructure')])).events[1]).toEqual(
      failed('train', `${BUDGET.what}; says infrastructure; ${BUDGET.todo}`, 'infrastructure'),
    );
  });

  it('puts their words into its sentence as a clause, names at its beginning as they are', () => {
    const told = (message: string) => {
      const termination = { exitClass: 'interrupted', message } as const;
      const last = decide(stopping, view([ended('interrupted', { termination })])).events[1];
      return last?.type === 'failed' ? last.message : '';
    };
    const around = (clause: string) => `${BUDGET.what}; ${clause}; ${BUDGET.todo}`;
    expect(told('Stopped on request.')).toBe(around('stopped on request'));
    expect(told('A rank was ended. See its log')).toBe(around('a rank was ended. See its log'));
    expect(told('NCCL lost a peer')).toBe(around('NCCL lost a peer'));
    expect(told('SIGTERM. Or not.')).toBe(around('SIGTERM. Or not'));
  });

  it('says the newest step that a pod of this attempt has saved', () => {
    const saved = (index: number, step: number, facts: Partial<PodFacts> = {}) =>
      ended('interrupted', {
        index,
        termination: { exitClass: 'interrupted', message: 'asked to end', step },
        ...facts,
      });
    const pods = [saved(0, 40), saved(1, 42), saved(0, 90, { stage: 'prepare' })];
    expect(decide(stopping, view(pods)).events[1]).toMatchObject({
      message: `${BUDGET.what}; saved at step 42; ${BUDGET.todo}`,
    });
  });

  it('is a person’s to cancel, and a failure of its own stays one', () => {
    expect(decide(stopping, view([ended('interrupted')], { cancel: true })).events[1]).toMatchObject({
      type: 'stopped',
    });
    expect(decide(stopping, view([ended('data')])).events[1]).toMatchObject({
      type: 'failed',
      failure: 'user',
    });
    expect(decide(stopping, view([ended('interrupted')], { interrupt: true })).events[1]).toMatchObject({
      failure: 'budget',
    });
  });

  it('starts no stage with devices, nor what prepares for one', () => {
    expect(decide(NEW_RUN, view([])).events).toEqual([
      failed('prepare', `${BUDGET.what}; prepare was not started; ${BUDGET.todo}`),
    ]);
    const prepared = evolve(at('prepare', []), { type: 'plan-reviewed', plan: {} as never });
    expect(decide(prepared, view([ended('succeeded', { stage: 'prepare' })])).events.at(-1)).toMatchObject(
      failed('train', expect.stringContaining('train was not started')),
    );
    // Recorded as launched, but its pods were never made.
    expect(decide(training, view([]))).toEqual({
      events: [failed('train', expect.stringContaining('train was not started'))],
      effects: [],
    });
  });

  it('exports what it has trained, which holds no devices, and does not evaluate it', () => {
    for (const trained of [training, stopping])
      expect(decide(trained, view([ended('succeeded')])).events.at(-1)).toMatchObject({
        type: 'stage-launched',
        stage: 'export',
      });
    const exporting = at('export', ['prepare', 'train']);
    expect(decide(exporting, view([pod({ stage: 'export' })]))).toEqual({ events: [], effects: [] });
    expect(
      decide(exporting, view([ended('infrastructure', { stage: 'export' })])).events.at(-1),
    ).toMatchObject({
      type: 'stage-launched',
      stage: 'export',
      attempt: 2,
    });
    const exported = evolve(exporting, { type: 'checkpoint-registered', checkpoint: 'c1' });
    expect(decide(exported, view([ended('succeeded', { stage: 'export' })])).events.at(-1)).toMatchObject(
      failed('evaluate', expect.stringContaining('evaluate was not started')),
    );
  });

  it('is not tried again after a failure of the machine', () => {
    expect(decide(training, view([ended('infrastructure')])).events.at(-1)).toEqual(
      failed(
        'train',
        `says infrastructure; ${BUDGET.what}, so nothing starts again; ${BUDGET.todo}`,
        'infrastructure',
      ),
    );
  });

  it('gives its place in the queue back, and what its job starts again by itself is ended', () => {
    expect(decide(training, onJob({ state: 'waiting' })).events).toMatchObject([
      { type: 'stop-requested', why: 'budget' },
    ]);
    const over: Run = {
      ...training,
      state: { ...running('train'), over: { exitClass: 'infrastructure', message: 'lost' } },
    };
    expect(decide(over, onJob({})).events).toMatchObject([{ type: 'attempt-condemned', attempt: 1 }]);
    expect(decide(over, onJob({ state: 'waiting' })).events).toMatchObject([
      { type: 'stop-requested', why: 'budget' },
    ]);
  });

  it('is warned once of each budget, period and limit', () => {
    const warning = {
      budget: 'budget red for 2026-11',
      used: '80.0 device-hours',
      limit: '100 device-hours',
    };
    const warned = (run: Run, limit = warning.limit) =>
      decide(
        run,
        view([pod()], {
          budget: { reached: null, warnings: [{ ...warning, used: '85.0 device-hours', limit }] },
        }),
      ).events;
    expect(warned(training)).toEqual([{ type: 'budget-warned', ...warning, used: '85.0 device-hours' }]);
    const after = evolve(training, { type: 'budget-warned', ...warning });
    expect(warned(after)).toEqual([]);
    expect(warned(after, '200 device-hours')).toHaveLength(1);
    expect(warned({ ...after, state: { kind: 'stopped', message: '' } }, '200 device-hours')).toEqual([]);
  });
});
