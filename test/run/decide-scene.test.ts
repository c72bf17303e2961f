import { describe, expect, it } from 'vitest';
import { decide } from '../../orchestrator/run/decide.ts';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { NEW_RUN, type Run, type RunState } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import { CALM, ended, job, pod, running } from './fixtures.ts';

const view = (jobs: readonly JobFacts[], pods: readonly PodFacts[], fields: Partial<View> = {}): View => ({
  ...CALM,
  stages: ['train', 'export'],
  seen: { jobs, pods },
  maxHeld: 100,
  ...fields,
});
const training: Run = { ...NEW_RUN, state: running('train'), attempt: 1 };
const NOTHING = { events: [], effects: [] };
const types = (run: Run, seen: View) => decide(run, seen).events.map(({ type }) => type);

describe('what a decision is about', () => {
  it('is the job of its own stage, whatever another stage of that number has come to', () => {
    const exported = job({ stage: 'export', state: 'succeeded', retained: false });
    expect(decide(training, view([exported, job({ state: 'waiting' })], []))).toEqual(NOTHING);
  });

  it('is the pods of its own attempt: those of an earlier one under the same job have been told of', () => {
    const again: Run = { ...training, state: { ...running('train'), attempt: 2 }, attempt: 2 };
    const before = [0, 1].map((index) => ended('interrupted', { index }));
    expect(decide(again, view([job()], before))).toEqual(NOTHING);
  });

  it('is over as soon as pods of a later attempt are there, also when its own have all gone', () => {
    const next = { ...pod({ uid: 'next', name: 'next' }), attempt: 2 };
    expect(types(training, view([job()], [next]))).toEqual(['attempt-ended']);
  });

  it('is over with its pods where somebody has taken its job away', () => {
    expect(types(training, view([], [ended('data')]))).toEqual(['attempt-ended', 'failed']);
    // Without a job nobody starts the rest of the gang.
    expect(types(training, view([], [ended('succeeded')]))[0]).toBe('attempt-ended');
  });

  it('waits for the rest of a gang of which some have succeeded, and for nobody once one has failed', () => {
    const [done, failed] = [ended('succeeded'), ended('data')];
    expect(decide(training, view([job({ size: 2 })], [done]))).toEqual(NOTHING);
    expect(types(training, view([job({ size: 2 })], [failed]))[0]).toBe('attempt-ended');
    const both = [done, ended('succeeded', { index: 1 })];
    expect(types(training, view([job({ size: 2 })], both))[0]).toBe('attempt-ended');
    const mixed = [done, ended('data', { index: 1 })];
    expect(types(training, view([job({ size: 3 })], mixed))[0]).toBe('attempt-ended');
  });

  it('is the pods of its own stage and launch: others may have the number of its attempt', () => {
    const prepared = ended('data', { stage: 'prepare' });
    expect(decide(training, view([job()], [prepared]))).toEqual(NOTHING);
    const second: Run = { ...training, state: running('train', 2), attempt: 2 };
    const life = ended('data', { attempt: 2, launch: 1, job: 'r1-train-a1' });
    expect(decide(second, view([job({ launch: 2 })], [life]))).toEqual(NOTHING);
  });

  it('is final at once where it has succeeded or would fail again, though its job goes on', () => {
    const both = [0, 1].map((index) => ended('succeeded', { index }));
    expect(types(training, view([job()], both))).toEqual(['attempt-ended', 'stage-launched']);
    expect(types(training, view([job()], [ended('out-of-memory')]))).toEqual(['attempt-ended', 'failed']);
    expect(types(training, view([job()], [ended('infrastructure')]))).toEqual(['attempt-ended']);
  });
});

describe('an attempt whose job was never made', () => {
  const stopping = (why: 'cancel' | 'interrupt' | 'trouble' | 'budget'): Run => {
    const budget = { budget: 'own', what: 'it is used up', todo: 'give it more' };
    const verdict = why === 'trouble' ? ({ exitClass: 'unfit', message: 'm' } as const) : null;
    const state = {
      ...running('train'),
      kind: 'stopping',
      why,
      verdict,
      ...(why === 'budget' && { budget }),
    };
    return { ...training, state: state as RunState };
  };
  const nothing = view([], []);

  it('is launched while somebody wants it', () => {
    expect(decide(training, nothing)).toEqual({
      events: [],
      effects: [{ do: 'launch', stage: 'train', attempt: 1 }],
    });
  });

  it('is not when it was asked to end, whoever asked and whenever', () => {
    const cancelled = { events: [{ type: 'stopped', message: 'cancelled by a person' }], effects: [] };
    expect(decide(training, view([], [], { cancel: true }))).toEqual(cancelled);
    expect(decide(stopping('cancel'), nothing)).toEqual(cancelled);
    const left = {
      events: [{ type: 'interrupted', message: 'its controller ended while it ran' }],
      effects: [],
    };
    expect(decide(training, view([], [], { interrupt: true }))).toEqual(left);
    expect(decide(stopping('interrupt'), nothing)).toEqual(left);
  });

  it('is not when its budget is used up, and says so', () => {
    expect(decide(stopping('budget'), nothing).events).toMatchObject([
      { type: 'failed', failure: 'budget', message: expect.stringContaining('it is used up') as unknown },
    ]);
  });

  it('has ended when it was condemned, and counts as what it was condemned for', () => {
    expect(decide(stopping('trouble'), nothing).events).toMatchObject([
      { type: 'attempt-ended', exitClass: 'unfit' },
      { type: 'stage-launched', attempt: 2 },
    ]);
  });
});

it('an attempt whose job is over, and has left no pod, has ended and is not launched under its name again', () => {
  const over = [job({ state: 'failed', message: 'm' })];
  const { events, effects } = decide(training, view(over, []));
  const message = 'no pod of it ever ran: m';
  const end = { type: 'attempt-ended', stage: 'train', attempt: 1, exitClass: 'infrastructure', message };
  expect(events[0]).toEqual(end);
  expect(effects).toEqual([]);
  const reached = { budget: 'own', what: 'it is used up', todo: 'give it more' };
  expect(decide(training, view(over, [], { budget: { reached, warnings: [] } })).events).toMatchObject([
    end,
    { type: 'failed', failure: 'budget' },
  ]);
});

it('a controller that goes away asks the pods that go with it to end, and says why', () => {
  expect(decide(training, view([job()], [pod()], { interrupt: true })).events).toEqual([
    { type: 'stop-requested', why: 'interrupt' },
  ]);
});

it('what nobody waits for is let go beside whatever else is done', () => {
  const old = job({ stage: 'prepare', state: 'succeeded' });
  expect(decide(training, view([old, job()], [pod()])).effects).toEqual([
    { do: 'release', job: old.name, pods: [], whole: true },
  ]);
});

it('what is to be recorded comes before what is let go, and that before what its jobs shared is taken away', () => {
  const old = job({ stage: 'prepare', state: 'succeeded' });
  const failed = view([old, job({ state: 'failed' })], [ended('data')]);
  expect(types(training, failed)).toEqual(['attempt-ended', 'failed']);
  expect(decide(training, failed).effects).toEqual([]);
  const rest: Run = { ...training, state: { kind: 'stopped', message: '' } };
  expect(decide(rest, view([old], [])).effects.map((effect) => effect.do)).toEqual(['release']);
  const clear = { events: [], effects: [{ do: 'clear' }] };
  expect(decide(rest, view([], []))).toEqual(clear);
  expect(decide(rest, view([{ ...old, retained: false }], []))).toEqual(clear);
  expect(decide({ ...rest, released: true }, view([], []))).toEqual(NOTHING);
  expect(decide(rest, view([], [], { seen: null }))).toEqual(NOTHING);
});

it('what fails in vain is condemned when its job starts it again, but not where it is ending already', () => {
  const over = { exitClass: 'out-of-memory', message: 'm' } as const;
  const next = { ...pod({ uid: 'next', name: 'next' }), attempt: 2 };
  const state = { ...running('train'), over };
  expect(types({ ...training, state }, view([job()], [next]))).toEqual([
    'attempt-began',
    'attempt-condemned',
  ]);
  const ending: Run = { ...training, state: { ...state, kind: 'stopping', why: 'cancel', verdict: null } };
  expect(types(ending, view([job()], [next]))).toEqual(['attempt-began']);
});
