import { describe, expect, it } from 'vitest';
import { nodesToAvoid } from '../../orchestrator/run/avoid.ts';
import { decide } from '../../orchestrator/run/decide.ts';
import { evolve } from '../../orchestrator/run/evolve.ts';
import type { JobFacts } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { NEW_RUN, type Outcome, type Run } from '../../orchestrator/run/state.ts';
import type { View } from '../../orchestrator/run/view.ts';
import { CALM, ended, job, pod, running } from './fixtures.ts';

/** On a cluster whose controllers queue jobs, and start gangs again by themselves. */
const view = (jobs: readonly JobFacts[], pods: readonly PodFacts[], fields: Partial<View> = {}): View => ({
  ...CALM,
  stages: ['train', 'export'],
  seen: { jobs, pods },
  maxHeld: 100,
  ...fields,
});
const training: Run = { ...NEW_RUN, state: running('train'), attempt: 1 };
const gang = (facts: Partial<PodFacts> = {}) =>
  [0, 1].map((index) => ended('interrupted', { index, ...facts }));
const second = () =>
  pod({ uid: 'again', name: 'again', attempt: 2, launch: 1, job: 'r1-train-a1', createdAt: 9_000 });
const after = (run: Run, seen: View) => decide(run, seen).events.reduce(evolve, run);
const takenBack = { reason: 'Preempted', message: 'for another', since: 1_500 };

describe('a job in a queue', () => {
  it('is waited for, and neither launched again nor condemned', () => {
    expect(decide(training, view([job({ state: 'waiting' })], []))).toEqual({ events: [], effects: [] });
  });

  it('that took it back has ended the attempt in its own words, and that is no retry', () => {
    const waiting = view([job({ state: 'waiting', takenBack })], gang());
    const ends = decide(training, waiting).events;
    expect(ends).toEqual([
      {
        type: 'attempt-ended',
        stage: 'train',
        attempt: 1,
        exitClass: 'interrupted',
        message: 'for another',
        requeued: true,
      },
    ]);
    const again = view([job({ takenBack: { ...takenBack, until: 8_000 } })], [...gang(), second()]);
    const run = after(after(training, waiting), again);
    expect(run).toMatchObject({
      attempt: 2,
      retries: 0,
      suspects: [],
      state: { kind: 'running', over: null },
    });
  });

  it('that was admitted again before its pods had ended has taken them back all the same', () => {
    const seen = view([job({ takenBack: { ...takenBack, until: 1_800 } })], gang());
    expect(decide(training, seen).events[0]).toMatchObject({ requeued: true });
    const ofTheLifeAfter = gang({ createdAt: 1_800 });
    expect(
      decide(training, view([job({ takenBack: { ...takenBack, until: 1_800 } })], ofTheLifeAfter)).events[0],
    ).toMatchObject({
      message: 'says interrupted',
    });
  });

  it('did not end what had failed before, or of its own work', () => {
    const later = { ...takenBack, since: 3_000 };
    expect(decide(training, view([job({ takenBack: later })], gang())).events[0]).toMatchObject({
      message: 'says interrupted',
    });
    const wrong = [ended('data'), ended('interrupted', { index: 1 })];
    expect(decide(training, view([job({ takenBack })], wrong)).events[0]).toMatchObject({
      exitClass: 'data',
    });
  });

  it('that took it back for a broken node has seen a failure: a retry, and the node is avoided', () => {
    const lost = ended('interrupted', { index: 1, node: 'node-1', nodeFailed: true });
    const seen = view(
      [
        job({
          state: 'waiting',
          takenBack: { ...takenBack, reason: 'NodeFailures', message: 'no replacement' },
        }),
      ],
      [ended('interrupted'), lost],
    );
    expect(decide(training, seen).events[0]).toMatchObject({
      exitClass: 'infrastructure',
      message: 'no replacement',
      nodes: ['node-1'],
    });
    const run = after(after(training, seen), view([job()], [...gang(), second()]));
    expect(run).toMatchObject({ retries: 1, suspects: ['node-1'] });
  });
});

describe('a gang that its job starts again', () => {
  const failed = (over: Outcome): Run => ({ ...training, state: { ...running('train'), over } });
  const broken: Outcome = { exitClass: 'infrastructure', message: 'a node broke' };

  it('after a disruption counts as a retry', () => {
    const run = after(
      failed({ exitClass: 'interrupted', message: 'drained' }),
      view([job()], [...gang(), second()]),
    );
    expect(run.retries).toBe(1);
  });

  it('is waited for', () => {
    expect(decide(failed(broken), view([job()], gang())).events).toEqual([]);
  });

  it.each([
    ['number', { retries: 2 }, {}],
    ['GPU-hours', { retries: 0 }, { held: 100 }],
  ])(
    'beyond the cap by %s is ended: before its pods come, or when they have come already',
    (_, counted, fields) => {
      const run = { ...failed(broken), ...counted };
      expect(decide(run, view([job()], gang(), fields)).events).toEqual([
        { type: 'attempt-condemned', stage: 'train', attempt: 1, ...broken },
      ]);
      const tooLate = view([job()], [...gang(), second()], fields);
      expect(decide(run, tooLate).events.map(({ type }) => type)).toEqual([
        'attempt-began',
        'attempt-condemned',
      ]);
      expect(decide(after(run, tooLate), tooLate).effects).toEqual([
        { do: 'stop', stage: 'train', attempt: 1 },
      ]);
    },
  );

  it('that its queue took back may start again whatever the number of retries was', () => {
    const run = { ...failed({ exitClass: 'interrupted', message: '', requeued: true }), retries: 2 };
    expect(decide(run, view([job()], gang())).events).toEqual([]);
    expect(decide(run, view([job()], gang(), { held: 100 })).events).toMatchObject([
      { type: 'attempt-condemned' },
    ]);
  });

  it('although it would fail in the same way is ended', () => {
    const run = failed({ exitClass: 'out-of-memory', message: 'too little' });
    const { events } = decide(run, view([job()], [...gang(), second()]));
    expect(events).toMatchObject([
      { type: 'attempt-began' },
      { type: 'attempt-condemned', exitClass: 'out-of-memory' },
    ]);
  });

  it('starts as a new job when the old one has failed for good, or is gone, and no pod lives on', () => {
    for (const jobs of [[job({ state: 'failed' })], []]) {
      expect(decide(failed(broken), view(jobs, gang())).events).toEqual([
        { type: 'stage-launched', stage: 'train', attempt: 2 },
      ]);
      const late = pod({ index: 2 });
      expect(decide(failed(broken), view(jobs, [...gang(), late]))).toEqual({ events: [], effects: [] });
    }
  });

  it('is only asked to end, again and again, where it is ending already, whatever the cap', () => {
    const state = { ...running('train'), kind: 'stopping', why: 'cancel', verdict: null } as const;
    const run: Run = { ...training, retries: 2, state: { ...state, over: broken } };
    expect(decide(run, view([job()], gang()))).toEqual({
      events: [],
      effects: [{ do: 'stop', stage: 'train', attempt: 1 }],
    });
    expect(decide(run, view([job()], [...gang(), second()])).events).toMatchObject([
      { type: 'attempt-began' },
    ]);
  });

  it('is waited for where nodes are avoided that it does not come from', () => {
    const run: Run = { ...failed(broken), suspects: ['node-9', 'node-9'] };
    expect(decide(run, view([job()], gang()))).toEqual({ events: [], effects: [] });
    const there: Run = { ...failed({ ...broken, nodes: ['node-9'] }), suspects: run.suspects };
    expect(decide(there, view([job()], gang())).events).toMatchObject([{ type: 'attempt-condemned' }]);
  });
});

describe('a gang whose machines were measured and found wanting', () => {
  const refused = (attempt: number, launch: number, nodes: readonly string[]) =>
    nodes.map((node, index) => ended('unfit', { index, node, attempt, launch, job: `r1-train-a${launch}` }));
  const asItsJobSets = (launch: number) =>
    job({ launch, state: 'failed', reason: 'FailJobSetFailurePolicyAction', message: 'exit code 82' });
  const first = view([asItsJobSets(1)], refused(1, 1, ['a', 'b']));
  const again = after(training, first);

  it('is tried again in a new job, away from all of its nodes', () => {
    expect(decide(training, first).events.map(({ type }) => type)).toEqual([
      'attempt-ended',
      'stage-launched',
    ]);
    expect(nodesToAvoid(again)).toEqual(['a', 'b']);
    expect(again).toMatchObject({ attempt: 2, retries: 1, state: { kind: 'running', launch: 2 } });
  });

  it('is not started on them again by its job, which may want to', () => {
    const open = after(training, view([job()], refused(1, 1, ['a', 'b'])));
    expect(decide(open, view([job()], refused(1, 1, ['a', 'b']))).events).toMatchObject([
      { type: 'attempt-condemned', attempt: 1, exitClass: 'unfit' },
    ]);
  });

  it('has failed with the figures when others are no better, and may be tried once more when a person asks', () => {
    const twice = view([asItsJobSets(2)], refused(2, 2, ['c', 'd']));
    const { events } = decide(again, twice);
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      failure: 'infrastructure',
      message: expect.stringMatching(
        /^says unfit \(measured twice, the second time away from the first nodes/,
      ),
    });
    expect(evolve(after(again, twice), { type: 'resumed' }).unfit).toEqual([]);
  });
});

describe('a job that others have ended', () => {
  it.each<[string, Partial<JobFacts>, object]>([
    [
      'deactivated',
      { state: 'held', reason: 'Deactivated', message: 'by a person', since: 1_500 },
      { type: 'stopped', message: 'by a person' },
    ],
    [
      'run for longer than its queue allows',
      {
        state: 'held',
        reason: 'DeactivatedDueToMaximumExecutionTimeExceeded',
        message: 'too long',
        since: 1_500,
      },
      { type: 'failed', failure: 'budget', message: 'too long' },
    ],
    [
      'deleted',
      { state: 'held', reason: 'Deleted', message: 'somebody has deleted it', since: 1_500 },
      { type: 'stopped', message: 'somebody has deleted it' },
    ],
    [
      'past the deadline of a Job',
      { state: 'failed', reason: 'DeadlineExceeded', message: 'Job was active longer' },
      { type: 'failed', failure: 'budget' },
    ],
    [
      'past the deadline of a JobSet’s Job',
      { state: 'failed', reason: 'FailJobSetFailurePolicyAction', message: 'first failed job: x' },
      { type: 'failed', failure: 'budget' },
    ],
  ])('is not started again by itself: %s', (_, facts, end) => {
    const silent = { exitCode: 143, signal: 'SIGTERM' };
    const pods = gang().map(({ termination: __, ...one }): PodFacts => ({ ...one, ...silent }));
    const { events } = decide(training, view([job(facts)], pods));
    expect(events[0]).toMatchObject({ type: 'attempt-ended', exitClass: 'interrupted' });
    expect(events[0]).not.toHaveProperty('nodes');
    expect(events[1]).toMatchObject(end);
  });

  it('is not taken for one that ran too long where a pod has left by a code at which its JobSet gives up', () => {
    const facts = {
      state: 'failed',
      reason: 'FailJobSetFailurePolicyAction',
      message: 'first failed job: x',
    } as const;
    const told = gang().map(
      (one): PodFacts => ({ ...one, ...ended('infrastructure', { index: one.index }) }),
    );
    const { termination: _, ...silent } = ended('unknown', { index: 1 });
    const { events } = decide(training, view([job(facts)], [...told, silent]));
    expect(events).toMatchObject([
      { type: 'attempt-ended', exitClass: 'infrastructure' },
      { type: 'stage-launched', attempt: 2 },
    ]);
  });

  it('by deleting it while its record is kept has its pods ended, which nobody else would', () => {
    const deleted = job({
      state: 'held',
      reason: 'Deleted',
      message: 'somebody has deleted it',
      since: 1_500,
    });
    const alive = view([deleted], [pod(), pod({ index: 1 })]);
    const condemned = after(training, alive);
    expect(condemned.state).toMatchObject({ kind: 'stopping', why: 'trouble' });
    expect(decide(condemned, alive).effects).toEqual([{ do: 'stop', stage: 'train', attempt: 1 }]);
    expect(decide(condemned, view([deleted], gang())).events.at(-1)).toEqual({
      type: 'stopped',
      message: 'somebody has deleted it',
    });
  });
});

describe('an attempt that was condemned', () => {
  const verdict: Outcome = { exitClass: 'infrastructure', message: 'it stands still', nodes: ['node-1'] };
  const alive = view([job()], [pod()]);
  const condemned = after(training, { ...alive, trouble: verdict });

  it('is asked to end, again and again, and counts as it was condemned, however its pods end', () => {
    expect(condemned.state).toMatchObject({ kind: 'stopping', why: 'trouble', verdict });
    expect(decide(condemned, alive).effects).toEqual([{ do: 'stop', stage: 'train', attempt: 1 }]);
    const held = job({ state: 'held', reason: 'Deactivated', message: 'by us', since: 1 });
    expect(decide(condemned, view([held], gang())).events).toEqual([
      { type: 'attempt-ended', stage: 'train', attempt: 1, ...verdict },
      { type: 'stage-launched', stage: 'train', attempt: 2 },
    ]);
  });

  it('keeps its verdict when a person cancels meanwhile', () => {
    const cancelled = after(condemned, { ...alive, cancel: true });
    expect(cancelled.state).toMatchObject({ kind: 'stopping', why: 'cancel', verdict });
    const held = job({ state: 'held', reason: 'Deactivated', message: 'by us', since: 1 });
    expect(decide(cancelled, view([held], gang())).events).toMatchObject([
      { type: 'attempt-ended', ...verdict },
      { type: 'stopped', message: 'cancelled by a person' },
    ]);
  });

  it('has succeeded all the same if it has', () => {
    const pods = [ended('succeeded'), ended('succeeded', { index: 1 })];
    expect(decide(condemned, view([job({ state: 'succeeded' })], pods)).events[0]).toMatchObject({
      exitClass: 'succeeded',
    });
  });
});

describe('events as they were recorded before requeueing was known', () => {
  it('still add up', () => {
    const old = {
      type: 'attempt-ended',
      stage: 'train',
      attempt: 1,
      exitClass: 'interrupted',
      message: '',
    } as const;
    const began = { type: 'attempt-began', stage: 'train', attempt: 2, retry: false } as const;
    expect([old, began].reduce(evolve, training)).toMatchObject({ attempt: 2, retries: 0 });
  });
});

describe('a pod that lives on while its job makes none any more', () => {
  const alive = pod({ phase: 'running', startedAt: 1_100 });

  it('is ended as what it is where somebody has deleted the job', () => {
    const held = job({ state: 'held', reason: 'Deleted', message: 'somebody has deleted r1-train-a1' });
    expect(decide(training, view([held], [alive])).events).toEqual([
      {
        type: 'attempt-condemned',
        stage: 'train',
        attempt: 1,
        exitClass: 'interrupted',
        message: 'somebody has deleted r1-train-a1',
      },
    ]);
  });

  it('goes on where its job is gone', () => {
    expect(decide(training, view([], [alive])).events).toEqual([]);
  });

  it.each([
    ['held for another reason', job({ state: 'held', reason: 'Suspended', message: 'suspended' })],
    ['at work, whatever it says', job({ state: 'active', reason: 'Deleted', message: 'so it says' })],
  ])('goes on where its job is %s', (_, made) => {
    expect(decide(training, view([made], [alive])).events).toEqual([]);
  });
});
