import { describe, expect, test } from 'vitest';
import type { RecordedEvent, RunEvent } from '../../orchestrator/run/event.ts';
import { eventsSeen } from '../../orchestrator/run/events-seen.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import { ended, job, pod } from './fixtures.ts';

const STAGES: readonly Stage[] = ['prepare', 'train', 'export'];
const REGISTERED: RunEvent = { type: 'checkpoint-registered', checkpoint: 'c-1' };

const recorded = (...events: readonly RunEvent[]): readonly RecordedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, at: 10 * (index + 1), event }));

const launched = (stage: Stage, attempt = 1): RunEvent => ({ type: 'stage-launched', stage, attempt });

const done = (stage: Stage): RunEvent & { type: 'attempt-ended' } => ({
  type: 'attempt-ended',
  stage,
  attempt: 1,
  exitClass: 'succeeded',
  message: '',
});

function seen(before: readonly RecordedEvent[], { jobs = [], pods = [] }: Partial<Observation>) {
  const collected = new Map([['export', REGISTERED]] as const);
  return eventsSeen(before, { stages: STAGES, seen: { jobs, pods }, collected, now: 9_000 });
}

/** Each as `type stage attempt`, and when. */
const told = (events: readonly RecordedEvent[]) =>
  events.map(({ at, event }) => [
    'stage' in event ? `${event.type} ${event.stage} ${'attempt' in event ? event.attempt : ''}` : event.type,
    at,
  ]);

describe('events that must have been', () => {
  test('are none where every launch that is seen is recorded', () => {
    expect(seen(recorded(launched('prepare')), { pods: [ended('succeeded', { stage: 'prepare' })] })).toEqual(
      [],
    );
    expect(seen([], {})).toEqual([]);
  });

  test('are a launch, the end of what came before it, and no end of the newest', () => {
    const prepared = ended('succeeded', { stage: 'prepare', createdAt: 500, endedAt: 900 });
    const trains = pod({ createdAt: 1_000 });
    expect(told(seen([], { pods: [trains, prepared] }))).toEqual([
      ['stage-launched prepare 1', 500],
      ['attempt-ended prepare 1', 900],
      ['stage-launched train 1', 1_000],
    ]);
    const before = recorded(launched('prepare'));
    expect(seen(before, { pods: [trains, prepared] })).toMatchObject([
      { seq: 2, event: { type: 'attempt-ended', exitClass: 'succeeded' } },
      { seq: 3, event: { type: 'stage-launched', stage: 'train' } },
    ]);
  });

  test('say how a failed attempt ended, and count the next one as tried again', () => {
    const failed = ended('infrastructure', { createdAt: 1_000, endedAt: 2_000 });
    const again = pod({ attempt: 2, launch: 2, createdAt: 3_000, job: 'r1-train-a2' });
    const before = recorded(done('prepare'), launched('train'));
    const events = seen(before, { pods: [failed, again] });
    expect(events).toMatchObject([
      { at: 2_000, event: { type: 'attempt-ended', exitClass: 'infrastructure', nodes: ['node-0'] } },
      { at: 3_000, event: { type: 'stage-launched', attempt: 2 } },
    ]);
    expect(foldRun([...before, ...events])).toMatchObject({ attempt: 2, retries: 1, suspects: ['node-0'] });
  });

  describe('of the lives of one job', () => {
    const of = (attempt: number) => ({ attempt, launch: 1, createdAt: attempt * 1_000 });
    const life = (attempt: number) =>
      ended('infrastructure', { ...of(attempt), endedAt: attempt * 1_000 + 500 });
    const last = pod({ attempt: 4, launch: 4, createdAt: 4_000, job: 'r1-train-a4' });
    const before = [done('prepare'), launched('train')];
    const began = (retry = true): RunEvent => ({ type: 'attempt-began', stage: 'train', attempt: 2, retry });
    const third = [
      ['attempt-began train 3', 3_000],
      ['attempt-ended train 3', 3_500],
      ['stage-launched train 4', 4_000],
    ];

    test('are told in their order, whichever is seen first, and each as tried again', () => {
      const events = seen(recorded(...before), { pods: [last, life(3), life(2), life(1)] });
      expect(told(events)).toEqual([
        ['attempt-ended train 1', 1_500],
        ['attempt-began train 2', 2_000],
        ['attempt-ended train 2', 2_500],
        ...third,
      ]);
      expect(foldRun([...recorded(...before), ...events])).toMatchObject({ attempt: 4, retries: 3 });
    });

    test('are told of only as far as they are not recorded, whether the last of those has ended or not', () => {
      const pods = [life(1), life(2), life(3), last];
      const end: RunEvent = { ...done('train'), attempt: 2, exitClass: 'infrastructure' };
      const open = recorded(...before, began());
      expect(told(seen(open, { pods }))).toEqual([['attempt-ended train 2', 2_500], ...third]);
      const over = recorded(...before, began(), end);
      expect(told(seen(over, { pods }))).toEqual(third);
      expect(told(seen(over, { pods: [life(2), last] }))).toEqual(third.slice(2));
    });

    test('are no retries where the queue of their job took it back, told by what is seen or recorded', () => {
      const takenBack = { reason: 'Preempted', message: 'for another', since: 1_500, until: 1_900 };
      const seenBack = { jobs: [job({ takenBack })], pods: [life(1), life(2), last] };
      const again = ({ event }: RecordedEvent) => event.type === 'attempt-began';
      expect(seen(recorded(...before), seenBack).filter(again)).toMatchObject([{ event: began(false) }]);
      const end: RunEvent = { ...done('train'), exitClass: 'interrupted', requeued: true };
      const known = recorded(...before, end);
      expect(seen(known, { pods: [life(2), last] }).filter(again)).toMatchObject([{ event: began(false) }]);
    });
  });

  test('are launches in the order of their numbers and then of the stages, whatever times are told of them', () => {
    const jobs = [job({ stage: 'export', launch: 2, since: 100 }), job({ stage: 'prepare', since: 5_000 })];
    const pods = [2, 1].map((attempt) => pod({ attempt, createdAt: attempt * 1_000 }));
    const launches = seen([], { jobs, pods }).filter(({ event }) => event.type === 'stage-launched');
    expect(told(launches).map(([what]) => what)).toEqual([
      'stage-launched prepare 1',
      'stage-launched train 1',
      'stage-launched train 2',
      'stage-launched export 2',
    ]);
  });

  test('take nothing over of a stage whose attempt has failed', () => {
    const failed = ended('infrastructure', { stage: 'export', endedAt: 2_000 });
    const again = pod({ stage: 'export', attempt: 2, createdAt: 3_000 });
    const before = recorded(done('prepare'), done('train'), launched('export'));
    expect(told(seen(before, { pods: [failed, again] }))).toEqual([
      ['attempt-ended export 1', 2_000],
      ['stage-launched export 2', 3_000],
    ]);
  });

  test('are a launch at the time of its first pod, else of its job where that is known, and else by now', () => {
    const at = (there: Partial<Observation>) => told(seen([], there)).at(-1);
    const gang = [1_500, 1_000].map((createdAt, index) => pod({ stage: 'prepare', index, createdAt }));
    const own = job({ stage: 'prepare', since: 700 });
    const { since: _, ...undated } = own;
    expect(at({ jobs: [own], pods: gang })).toEqual(['stage-launched prepare 1', 1_000]);
    expect(at({ jobs: [own] })).toEqual(['stage-launched prepare 1', 700]);
    expect(at({ jobs: [undated] })).toEqual(['stage-launched prepare 1', 9_000]);
    const trained = seen([], { jobs: [own, job({ since: 800 })] });
    expect(told(trained).filter(([what]) => String(what).startsWith('stage-launched'))).toEqual([
      ['stage-launched prepare 1', 700],
      ['stage-launched train 1', 800],
    ]);
  });

  test('know that a stage is launched when those before it are done, though nothing is left of these', () => {
    const exports = job({ stage: 'export', since: 4_000 });
    const events = seen([], { jobs: [exports] });
    expect(told(events)).toEqual([
      ['attempt-ended prepare 1', 4_000],
      ['attempt-ended train 1', 4_000],
      ['stage-launched export 1', 4_000],
    ]);
    expect(events[0]?.event).toMatchObject({ exitClass: 'succeeded', message: 'done' });
    expect(foldRun(events)).toMatchObject({ done: ['prepare', 'train'], state: { stage: 'export' } });
  });

  test('are of a launch whose number only a life of an earlier one has', () => {
    const began: RunEvent = { type: 'attempt-began', stage: 'train', attempt: 2, retry: true };
    const again = pod({ attempt: 2, launch: 2, createdAt: 3_000, job: 'r1-train-a2' });
    const events = seen(recorded(done('prepare'), launched('train'), began), { pods: [again] });
    expect(told(events)).toContainEqual(['stage-launched train 2', 3_000]);
  });

  test('say of what was asked to end how it ended', () => {
    const before = recorded(done('prepare'), launched('train'), { type: 'stop-requested', why: 'interrupt' });
    const stopped = ended('interrupted', { createdAt: 1_000, endedAt: 2_000 });
    const again = pod({ attempt: 2, launch: 2, createdAt: 3_000, job: 'r1-train-a2' });
    expect(seen(before, { pods: [stopped, again] })[0]).toMatchObject({
      at: 2_000,
      event: { type: 'attempt-ended', attempt: 1, message: 'its stint process was asked to end' },
    });
  });

  test('end a gang with its last pod, and say what its own job says', () => {
    const taken = { reason: 'Preempted', message: 'preempted by a job of more weight', since: 2_000 };
    const own = job({ takenBack: taken });
    const [early, late] = [2_000, 2_500].map((endedAt, index) =>
      ended('infrastructure', { index, createdAt: 1_000, endedAt }),
    );
    const again = pod({ attempt: 2, launch: 2, createdAt: 3_000, job: 'r1-train-a2' });
    const pods = [early, late, again].flatMap((each) => each ?? []);
    const jobs = [job({ stage: 'prepare' }), job({ launch: 2 }), own];
    expect(seen(recorded(done('prepare'), launched('train')), { jobs, pods })[0]).toMatchObject({
      at: 2_500,
      event: { type: 'attempt-ended', exitClass: 'interrupted', message: taken.message },
    });
  });

  test('take over what a stage has left once, with its end', () => {
    const exported = ended('succeeded', { stage: 'export', endedAt: 2_000 });
    const stages: readonly Stage[] = [...STAGES, 'evaluate'];
    const evaluates = pod({ stage: 'evaluate', createdAt: 3_000 });
    const collected = new Map([['export', REGISTERED]] as const);
    const before = recorded(done('prepare'), done('train'), launched('export'));
    const at = { stages, seen: { jobs: [], pods: [exported, evaluates] }, collected, now: 1 };
    expect(told(eventsSeen(before, at)).map(([what]) => what)).toEqual([
      'checkpoint-registered',
      'attempt-ended export 1',
      'stage-launched evaluate 1',
    ]);
    const known = [...before, { seq: 4, at: 40, event: REGISTERED }];
    expect(told(eventsSeen(known, at)).map(([what]) => what)).not.toContain('checkpoint-registered');
  });

  test('resume what had come to rest, and never go back in time', () => {
    const before = recorded(done('prepare'), launched('train'), { type: 'stopped', message: 'by a person' });
    const again = pod({ attempt: 2, launch: 2, createdAt: 5, job: 'r1-train-a2' });
    const events = seen(before, { pods: [again] });
    expect(told(events)).toContainEqual(['resumed', 30]);
    expect(foldRun([...before, ...events]).state).toMatchObject({ kind: 'running', attempt: 2 });
  });

  test('believe no end that nobody saw', () => {
    const lost = pod({ createdAt: 1_000 });
    const again = pod({ attempt: 2, launch: 2, createdAt: 3_000, job: 'r1-train-a2' });
    const message = 'its end was seen by nobody who remembers it';
    for (const left of [[], [lost], [ended('infrastructure', { index: 1 }), lost]])
      expect(seen(recorded(done('prepare'), launched('train')), { pods: [...left, again] })).toMatchObject([
        { at: 3_000, event: { type: 'attempt-ended', exitClass: 'interrupted', message } },
        { event: { type: 'stage-launched', attempt: 2 } },
      ]);
  });
});
