import { describe, expect, test } from 'vitest';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import {
  boundAndEndedFacts,
  hungFacts,
  phaseFacts,
  terminatingFacts,
} from '../../orchestrator/ledger/phase-facts.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import type { Phase } from '../../orchestrator/wire/phase.ts';
import type { TrainerEvent } from '../../orchestrator/wire/trainer-event.ts';
import { pod } from '../run/fixtures.ts';
import { watchedTo } from './watched-to.ts';

const event = (at: number, phase: Phase): TrainerEvent => ({ event: 'phase', at, phase });
const EVENTS = [
  { index: 0, event: event(1_300, 'loading') },
  { index: 1, event: { event: 'note', at: 1_350, level: 'info', message: 'ready' } as const },
  { index: 2, event: event(1_400, 'training') },
];
const first = pod({ uid: 'u0', devices: 8, boundAt: 1_000, startedAt: 1_200 });
const second = pod({ uid: 'u1', index: 1, devices: 8, boundAt: 1_010 });
const HERE = { capacity: 'spot', region: 'eu-1', gang: 2 } as const;
const done = (at: number) => ({ endedAt: at, phase: 'succeeded' }) as const;

test('observing a pod again gives the same facts under the same keys, and more once it has ended', () => {
  const before = boundAndEndedFacts(first, HERE);
  const after = boundAndEndedFacts({ ...first, ...done(1_900) }, HERE);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.slice(before.length)).toMatchObject([{ kind: 'ended', seen: true, at: 1_900 }]);
  expect(new Set(after.map(({ key }) => key)).size).toBe(after.length);
});

test('what is seen of a pod has names of its own, its node’s silence included', () => {
  const common = { run: first.run, pod: 'u0' };
  const { stage, attempt, node, deviceModel, devices } = first;
  expect(boundAndEndedFacts({ ...first, unreachableSince: 1_500 }, HERE)).toEqual([
    {
      ...common,
      ...HERE,
      stage,
      attempt,
      node,
      deviceModel,
      devices,
      kind: 'bound',
      key: 'u0:bound:1000',
      at: 1_000,
    },
    { ...common, kind: 'phase', key: 'u0:started:1200', at: 1_200, phase: 'starting', order: 0 },
    { ...common, kind: 'unreachable', key: 'u0:unreachable:1500', at: 1_500 },
  ]);
});

test('what a pod tells in the millisecond of its start comes after that, and what is no phase is none', () => {
  const told = phaseFacts(first, [{ index: 0, event: event(1_200, 'loading') }]);
  const facts = [...boundAndEndedFacts({ ...first, ...done(2_000) }, HERE), ...told];
  expect(statement(facts, watchedTo(0)).pods[0]?.phases).toEqual({ starting: 8 * 200, loading: 8 * 800 });
  expect(phaseFacts(first, EVENTS.slice(1, 2))).toEqual([]);
});

test('each pod of a job speaks for its own devices', () => {
  const facts = [first, second].flatMap((seen) => boundAndEndedFacts({ ...seen, ...done(2_000) }, HERE));
  const { pods } = statement([...facts, ...phaseFacts(first, EVENTS)], watchedTo(9_999));
  expect(pods.map(({ phases }) => phases)).toEqual([
    { starting: 8 * 300, loading: 8 * 100, training: 8 * 600 },
    { starting: 8 * 990 },
  ]);
});

test('events handed on in other batches, or counted from another line, bill the same time', () => {
  const facts = boundAndEndedFacts({ ...first, ...done(2_000) }, HERE);
  const shifted = EVENTS.slice(1).map((placed, index) => ({ ...placed, index }));
  const once = statement([...facts, ...phaseFacts(first, EVENTS)], watchedTo(0));
  const batches = EVENTS.flatMap((placed) => phaseFacts(first, [placed]));
  expect(statement([...facts, ...batches, ...phaseFacts(first, shifted)], watchedTo(0))).toEqual(once);
});

test('pods asked to end are terminating from then on, those that had ended are not', () => {
  const ended = pod({ uid: 'u2', ...done(1_500) });
  const stop = terminatingFacts([first, ended], 1_600);
  expect(stop.map((fact) => fact.pod)).toEqual(['u0']);
  const facts = [
    ...boundAndEndedFacts({ ...first, ...done(2_000) }, HERE),
    ...phaseFacts(first, EVENTS),
    ...stop,
  ];
  expect(statement(facts, watchedTo(0)).pods[0]?.phases).toMatchObject({
    training: 8 * 200,
    terminating: 8 * 400,
  });
});

test('an end says how it went where somebody saw it, under a key that tells ends apart', () => {
  const endOf = (phase: 'succeeded' | 'failed' | 'lost') =>
    boundAndEndedFacts({ ...first, phase, endedAt: 1_900 }, HERE).at(-1);
  expect(endOf('succeeded')).toMatchObject({ key: 'u0:succeeded:1900', seen: true, succeeded: true });
  expect(endOf('failed')).toMatchObject({ key: 'u0:failed:1900', seen: true, succeeded: false });
  expect(endOf('lost')).toEqual({
    kind: 'ended',
    key: 'u0:lost:1900',
    run: first.run,
    pod: 'u0',
    at: 1_900,
    seen: false,
  });
});

test('a checkpoint keeps the work of when it was begun, and each is a fact of its own', () => {
  const written = (at: number, step: number) =>
    ({ event: 'checkpoint', at, step, seconds: 0.25 }) as unknown as TrainerEvent;
  const facts = phaseFacts(first, [
    { index: 0, event: written(2_000, 5) },
    { index: 1, event: written(2_000, 6) },
    { index: 2, event: written(3_000, 6) },
  ]);
  expect(facts.map(({ kind, at }) => [kind, at])).toEqual([
    ['kept', 1_750],
    ['kept', 1_750],
    ['kept', 2_750],
  ]);
  expect(new Set(facts.map(({ key }) => key)).size).toBe(3);
});

test('a pod whose end nobody saw is doubtful', () => {
  const lost = boundAndEndedFacts({ ...first, phase: 'lost', endedAt: 3_000 }, HERE);
  expect(statement(lost, watchedTo(0)).pods[0]).toMatchObject({
    end: 'doubtful',
    to: 1_200,
    doubtUntil: 3_000,
  });
});

describe('the devices of an attempt that hung', () => {
  const gang = [first, second].map((seen) => ({ ...seen, ...done(2_000) }));
  const facts = [...gang.flatMap((each) => boundAndEndedFacts(each, HERE)), ...phaseFacts(first, EVENTS)];
  const phasesOf = (all: readonly LedgerFact[]) =>
    statement(all, watchedTo(0)).pods.map(({ phases }) => phases);

  test('have waited for nothing since its last step, in all of its pods, up to their ends', () => {
    const hung = hungFacts(facts, { stage: 'train', attempt: 1 }, [1_450, 1_500]);
    expect(phasesOf([...facts, ...hung])).toEqual([
      { starting: 8 * 300, loading: 8 * 100, training: 8 * 100, hung: 8 * 500 },
      { starting: 8 * 490, hung: 8 * 500 },
    ]);
  });

  test('or since its last change of phase, where that came after; and they are ending when they are asked to end', () => {
    const stop = terminatingFacts([first, second], 1_700);
    const hung = hungFacts([...facts, ...stop], { stage: 'train', attempt: 1 }, []);
    expect(phasesOf([...facts, ...stop, ...hung])).toEqual([
      { starting: 8 * 300, loading: 8 * 100, hung: 8 * 300, terminating: 8 * 300 },
      { starting: 8 * 390, hung: 8 * 300, terminating: 8 * 300 },
    ]);
  });

  test('or since the silence that the watchdog of one of them has told of', () => {
    const told = phaseFacts(second, [{ index: 0, event: event(1_600, 'hung') }]);
    const hung = hungFacts([...facts, ...told], { stage: 'train', attempt: 1 }, [1_610]);
    expect(phasesOf([...facts, ...told, ...hung])).toMatchObject([
      { training: 8 * 200, hung: 8 * 400 },
      { hung: 8 * 400 },
    ]);
  });

  test('and where several of them have told of it, since the first silence', () => {
    const told = phaseFacts(second, [
      { index: 0, event: event(1_600, 'hung') },
      { index: 1, event: event(1_800, 'hung') },
    ]);
    const hung = hungFacts([...facts, ...told], { stage: 'train', attempt: 1 }, []);
    expect(hung.map(({ at }) => at)).toEqual([1_600, 1_600]);
  });

  test('are told so under the same keys each time, also when that is known already', () => {
    const of = { stage: 'train', attempt: 1 } as const;
    const once = hungFacts(facts, of, [1_500]);
    expect(hungFacts([...facts, ...once], of, [1_500])).toEqual(once);
    expect(new Set(once.map(({ key }) => key)).size).toBe(2);
  });

  test('of other attempts and stages are not touched, and without any sign of life nothing is told', () => {
    expect(hungFacts(facts, { stage: 'train', attempt: 2 }, [1_500])).toEqual([]);
    expect(hungFacts(facts, { stage: 'evaluate', attempt: 1 }, [1_500])).toEqual([]);
    expect(hungFacts(boundAndEndedFacts(second, HERE), { stage: 'train', attempt: 1 }, [])).toEqual([]);
  });
});
