import { describe, expect, it } from 'vitest';
import { observed } from '../../cluster/local/observed.ts';
import { decide } from '../../orchestrator/run/decide.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { NEW_RUN, type Run } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import { CALM, ended, pod, running } from './fixtures.ts';

/** On a cluster where a job is its pods. */
const view = ({
  pods = [],
  ...fields
}: Partial<View> & { pods?: readonly PodFacts[] | null } = {}): View => ({
  ...CALM,
  stages: ['prepare', 'train', 'export'],
  seen: pods && observed(pods),
  ...fields,
});

const training: Run = {
  ...NEW_RUN,
  state: running('train'),
  done: ['prepare'],
  attempt: 1,
};
const types = (run: Run, seen: View) => decide(run, seen).events.map((event) => event.type);

describe('decide', () => {
  it('records the first stage before it creates anything', () => {
    expect(decide(NEW_RUN, view())).toEqual({
      events: [{ type: 'stage-launched', stage: 'prepare', attempt: 1 }],
      effects: [],
    });
  });

  it('creates the pods of a recorded stage, again after a crash in between', () => {
    expect(decide(training, view()).effects).toEqual([{ do: 'launch', stage: 'train', attempt: 1 }]);
  });

  it('does nothing while it cannot see', () => {
    for (const seen of [
      view({ pods: null }),
      view({ pods: null, cancel: true }),
      view({ pods: null, interrupt: true }),
    ])
      expect(decide(training, seen)).toEqual({ events: [], effects: [] });
  });

  it('waits while a pod lives, whatever became of its peers', () => {
    expect(decide(training, view({ pods: [pod(), ended('data', { index: 1 })] }))).toEqual({
      events: [],
      effects: [],
    });
  });

  it('goes on to the next stage in the same attempt', () => {
    expect(decide(training, view({ pods: [ended('succeeded')] })).events).toEqual([
      {
        type: 'attempt-ended',
        stage: 'train',
        attempt: 1,
        exitClass: 'succeeded',
        message: 'done',
      },
      { type: 'stage-launched', stage: 'export', attempt: 1 },
    ]);
  });

  it('registers the checkpoint before the export counts as done', () => {
    const exporting: Run = {
      ...training,
      state: running('export'),
      done: ['prepare', 'train'],
    };
    const seen = view({ pods: [ended('succeeded', { stage: 'export' })] });
    expect(decide(exporting, seen).effects).toEqual([{ do: 'collect', stage: 'export' }]);
    const registered = evolve(exporting, { type: 'checkpoint-registered', checkpoint: 'c1' });
    expect(types(registered, seen)).toEqual(['attempt-ended', 'succeeded']);
  });

  it('tries again after a failure of the machine, and gives up after the last retry', () => {
    const seen = view({ pods: [ended('infrastructure')] });
    expect(decide(training, seen).events.at(-1)).toEqual({
      type: 'stage-launched',
      stage: 'train',
      attempt: 2,
    });
    expect(decide({ ...training, retries: 2 }, seen).events.at(-1)).toMatchObject({
      type: 'failed',
      failure: 'infrastructure',
      message: 'says infrastructure (after 2 retries)',
    });
  });

  it('says after how many retries, and how much was held, it does not start again', () => {
    const seen = { pods: [ended('infrastructure')] };
    const message = (run: Run, fields: Partial<View>) => {
      const last = decide(run, view({ ...seen, ...fields })).events.at(-1);
      return last?.type === 'failed' ? [last.failure, last.message] : [last?.type];
    };
    expect(message({ ...training, retries: 1 }, { maxRetries: 1 })).toEqual([
      'infrastructure',
      'says infrastructure (after 1 retry)',
    ]);
    const HOUR = 3_600_000;
    expect(message(training, { held: 20 * HOUR, maxHeld: 20 * HOUR })).toEqual([
      'budget',
      'says infrastructure (after 0 retries; 20.0 device-hours are held by now, and beyond 20.0 device-hours nothing starts again by itself)',
    ]);
    expect(message(training, { held: 20 * HOUR - 1, maxHeld: 20 * HOUR })).toEqual(['stage-launched']);
  });

  it.each([
    ['data', 'user'],
    ['numerics', 'user'],
    ['configuration', 'configuration'],
    ['storage', 'infrastructure'],
    ['unknown', 'infrastructure'],
  ] as const)('does not repeat %s, and says that it is up to: %s', (exitClass, failure) => {
    expect(decide(training, view({ pods: [ended(exitClass)] })).events.at(-1)).toMatchObject({
      type: 'failed',
      failure,
    });
  });

  it('cancels: asks the pods to end, repeats it until they have, then is stopped', () => {
    expect(types(training, view({ pods: [pod()], cancel: true }))).toEqual(['stop-requested']);
    const stopping = evolve(training, { type: 'stop-requested', why: 'cancel' });
    for (const cancel of [false, true])
      expect(decide(stopping, view({ pods: [pod()], cancel }))).toEqual({
        events: [],
        effects: [{ do: 'stop', stage: 'train', attempt: 1 }],
      });
    expect(types(stopping, view({ pods: [ended('interrupted')] }))).toEqual(['attempt-ended', 'stopped']);
  });

  it('is interrupted, not stopped, when its controller goes away, and goes on with the next attempt', () => {
    const stopping = evolve(training, { type: 'stop-requested', why: 'interrupt' });
    expect(types(stopping, view({ pods: [ended('interrupted')] }))).toEqual(['attempt-ended', 'interrupted']);
    const resumed = evolve(evolve(stopping, { type: 'interrupted', message: '' }), { type: 'resumed' });
    expect(decide(resumed, view()).events).toEqual([{ type: 'stage-launched', stage: 'train', attempt: 2 }]);
  });

  it('keeps the result of a stage that finished while it was being stopped', () => {
    const stopping = evolve(training, { type: 'stop-requested', why: 'cancel' });
    const { events } = decide(stopping, view({ pods: [ended('succeeded')] }));
    expect(events.map((event) => event.type)).toEqual(['attempt-ended', 'stopped']);
    expect(events.reduce(evolve, stopping).done).toEqual(['prepare', 'train']);
  });

  it('stops a run that has not begun at once', () => {
    expect(types(NEW_RUN, view({ cancel: true }))).toEqual(['stopped']);
    expect(types(NEW_RUN, view({ interrupt: true }))).toEqual(['interrupted']);
  });

  it('says nothing of pods of earlier attempts', () => {
    const second: Run = { ...training, state: running('train', 2), attempt: 2 };
    expect(decide(second, view({ pods: [ended('data')] })).effects).toEqual([
      { do: 'launch', stage: 'train', attempt: 2 },
    ]);
  });
});
