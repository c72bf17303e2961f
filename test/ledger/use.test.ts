import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { Phase } from '../../orchestrator/wire/phase.ts';
import { facts } from './arbitrary-facts.ts';
import { unwatched, watchedTo } from './watched-to.ts';

const NOW = 10_000;

interface Told {
  readonly attempt?: number;
  readonly stage?: Stage;
  readonly gang?: number;
  readonly devices?: number;
  readonly usedDevices?: number;
  readonly bound: number;
  readonly phases?: readonly (readonly [number, Phase])[];
  readonly kept?: number;
  readonly ended?: readonly [number, 'succeeded' | 'failed' | 'lost'];
}

function pod(name: string, told: Told): readonly LedgerFact[] {
  const { attempt = 1, stage = 'train', gang = 1, devices = 1, phases = [], kept, ended } = told;
  const of = { run: 'r', pod: name };
  const place = { stage, attempt, gang, devices, node: name, deviceModel: 'H100' };
  const used = told.usedDevices === undefined ? {} : { usedDevices: told.usedDevices };
  return [
    { ...of, ...place, ...used, kind: 'bound', key: `${name}:bound`, at: told.bound },
    ...phases.map(([at, phase], order) => ({
      ...of,
      kind: 'phase' as const,
      key: `${name}:${order}`,
      at,
      phase,
      order,
    })),
    ...(kept === undefined ? [] : [{ ...of, kind: 'kept' as const, key: `${name}:kept`, at: kept }]),
    ...(ended === undefined
      ? []
      : [
          {
            ...of,
            kind: 'ended' as const,
            key: `${name}:ended`,
            at: ended[0],
            seen: ended[1] !== 'lost',
            ...(ended[1] !== 'lost' && { succeeded: ended[1] === 'succeeded' }),
          },
        ]),
  ];
}

const usesOf = (...pods: readonly (readonly LedgerFact[])[]) =>
  Object.fromEntries(statement(pods.flat(), watchedTo(NOW)).pods.map((each) => [each.pod, each.uses]));

const LOADS: readonly (readonly [number, Phase])[] = [
  [10, 'starting'],
  [20, 'loading'],
  [50, 'training'],
];

test('what an attempt that succeeds does besides its work is start-up, checkpointing and ending', () => {
  const phases = [...LOADS, [150, 'checkpointing'], [160, 'training'], [190, 'terminating']] as const;
  expect(usesOf(pod('a', { bound: 0, phases, ended: [200, 'succeeded'] }))).toEqual({
    a: { 'start-up': 50, productive: 130, checkpointing: 10, terminating: 10 },
  });
});

test('who has started waits for the peer that is late, and does not wait where none is', () => {
  const late = pod('b', {
    gang: 2,
    bound: 5,
    phases: [
      [30, 'starting'],
      [35, 'loading'],
      [50, 'training'],
    ],
  });
  expect(
    usesOf(pod('a', { gang: 2, bound: 0, phases: LOADS, ended: [100, 'succeeded'] }), late),
  ).toMatchObject({
    a: { 'start-up': 10 + 20, waiting: 20, productive: 50 },
    b: { 'start-up': 45 },
  });
});

test('a gang that never became whole has waited all the time', () => {
  const alone = pod('a', { gang: 2, bound: 0, phases: [[10, 'starting']], ended: [500, 'failed'] });
  expect(usesOf(alone)).toEqual({ a: { 'failed-attempts': 10, waiting: 490 } });
});

test('after a peer is lost, the others wait in vain; since its last sign of life, not since its death was proven', () => {
  const whole = { gang: 2, bound: 0, phases: LOADS };
  const alive: LedgerFact = { kind: 'alive', key: 'alive', run: 'r', pod: 'b', at: 120 };
  const lost = [...pod('b', { ...whole, ended: [400, 'lost'] }), alive];
  const next = pod('c', { attempt: 2, bound: 500, phases: [[600, 'training']] });
  const healthy = pod('a', { ...whole, ended: [450, 'failed'] });
  expect(usesOf(healthy, lost, next)).toMatchObject({
    a: { 'start-up': 50, productive: 70, waiting: 330 },
    b: { 'start-up': 50, productive: 70 },
  });
  const [, stated] = statement([...healthy, ...lost, ...next], watchedTo(NOW)).pods;
  expect(stated).toMatchObject({ pod: 'b', end: 'doubtful', doubtfulMilliseconds: 280 });
});

test('work of a failed attempt is lost until another one goes on from it, which then pays for what it does again', () => {
  const failed = pod('a', { bound: 0, phases: LOADS, ended: [200, 'failed'] });
  expect(usesOf(failed)).toEqual({ a: { 'failed-attempts': 200 } });
  const phases = [
    [210, 'starting'],
    [230, 'recomputing'],
    [260, 'training'],
  ] as const;
  const resumed = pod('b', { attempt: 2, bound: 205, phases, ended: [300, 'succeeded'] });
  expect(usesOf(failed, resumed)).toEqual({
    a: { 'start-up': 50, productive: 150 },
    b: { 'start-up': 25, recomputation: 30, productive: 40 },
  });
});

test('what a checkpoint holds is not lost with the attempt', () => {
  const failed = pod('a', { bound: 0, phases: LOADS, kept: 120, ended: [200, 'failed'] });
  expect(usesOf(failed)).toEqual({ a: { 'start-up': 50, productive: 70, 'failed-attempts': 80 } });
});

test('of several checkpoints the last says what is kept', () => {
  const kept = (at: number): LedgerFact => ({ kind: 'kept', key: `kept:${at}`, run: 'r', pod: 'a', at });
  const failed = pod('a', { bound: 0, phases: LOADS, ended: [200, 'failed'] });
  expect(usesOf([...failed, kept(120), kept(90)])).toEqual({
    a: { 'start-up': 50, productive: 70, 'failed-attempts': 80 },
  });
});

test('what one pod has done is lost with what another one has, unless they got somewhere and go on from it', () => {
  const trained = pod('a', { gang: 2, bound: 0, phases: LOADS, ended: [200, 'succeeded'] });
  const failed = pod('b', { gang: 2, bound: 0, phases: LOADS.slice(0, 2), ended: [200, 'failed'] });
  expect(usesOf(trained, failed)).toMatchObject({ a: { 'failed-attempts': 200 } });
  const next = pod('c', { attempt: 2, bound: 300, phases: [[310, 'recomputing']], ended: [400, 'failed'] });
  expect(usesOf(trained, failed, next)).toMatchObject({
    a: { 'start-up': 50, productive: 150 },
    b: { 'start-up': 200 },
  });
  // To do again what was lost is to get somewhere, too.
  const last = pod('d', { attempt: 3, bound: 500, phases: [[510, 'training']], ended: [600, 'succeeded'] });
  expect(usesOf(trained, failed, next, last)['c']).toEqual({ 'start-up': 10, recomputation: 90 });
});

test('an attempt of another stage does not go on from this one', () => {
  const failed = pod('a', { bound: 0, phases: LOADS, ended: [200, 'failed'] });
  const other = pod('b', { stage: 'evaluate', attempt: 2, bound: 300, ended: [400, 'succeeded'] });
  expect(usesOf(failed, other)['a']).toEqual({ 'failed-attempts': 200 });
});

test('nobody has waited in a gang whose pods succeed one after the other', () => {
  const whole = { gang: 2, bound: 0, phases: LOADS };
  const early = pod('a', { ...whole, ended: [100, 'succeeded'] });
  const late = pod('b', { ...whole, ended: [200, 'succeeded'] });
  expect(usesOf(early, late)).toEqual({
    a: { 'start-up': 50, productive: 50 },
    b: { 'start-up': 50, productive: 150 },
  });
});

test('while nobody watches, who has last told of itself waits for the peer that has not since', () => {
  const alive = (name: string, at: number): LedgerFact => ({
    kind: 'alive',
    key: `${name}:alive`,
    run: 'r',
    pod: name,
    at,
  });
  const gang = ['a', 'b'].flatMap((name) => pod(name, { gang: 2, bound: 0, phases: LOADS }));
  const { pods } = statement([...gang, alive('a', 100), alive('b', 300)], unwatched(NOW));
  expect(pods.map(({ uses }) => uses)).toEqual([
    { 'start-up': 50, productive: 50 },
    { 'start-up': 50, productive: 50, waiting: 200 },
  ]);
});

test('a pod whose containers never started waits for nobody, and who works, by its own clock, does not either', () => {
  const started = pod('a', { gang: 2, bound: 0, phases: [[10, 'training']], ended: [100, 'succeeded'] });
  const never = pod('b', { gang: 2, bound: 0, ended: [100, 'succeeded'] });
  expect(usesOf(started, never)).toEqual({ a: { 'start-up': 10, productive: 90 }, b: { 'start-up': 100 } });
});

test('preparing is to start up, and exporting is a use of its own', () => {
  const phases = [
    [10, 'preparing'],
    [40, 'exporting'],
  ] as const;
  expect(usesOf(pod('a', { bound: 0, phases, ended: [100, 'succeeded'] }))).toEqual({
    a: { 'start-up': 40, export: 60 },
  });
});

test('an attempt that never got to train came to nothing, whatever followed', () => {
  const failed = pod('a', { bound: 0, phases: LOADS.slice(0, 2), ended: [40, 'failed'] });
  const next = pod('b', { attempt: 2, bound: 50, phases: [[60, 'training']], ended: [90, 'succeeded'] });
  expect(usesOf(failed, next)).toEqual({
    a: { 'failed-attempts': 40 },
    b: { 'start-up': 10, productive: 30 },
  });
});

test('devices that no process works on are idle while the others work', () => {
  const phases = [
    [10, 'loading'],
    [20, 'evaluating'],
  ] as const;
  const evaluation = pod('a', {
    stage: 'evaluate',
    devices: 8,
    usedDevices: 1,
    bound: 0,
    phases,
    ended: [120, 'succeeded'],
  });
  expect(usesOf(evaluation)).toEqual({ a: { 'start-up': 8 * 20, productive: 100, idle: 700 } });
});

test('where all devices work none is idle, and nothing is told of none', () => {
  const told = { devices: 8, usedDevices: 8, bound: 0, phases: LOADS } as const;
  const [whole] = statement(pod('a', { ...told, ended: [100, 'succeeded'] }), watchedTo(NOW)).pods;
  expect(whole?.spans.map(({ use, devices }) => [use, devices])).toEqual([
    ['start-up', 8],
    ['start-up', 8],
    ['start-up', 8],
    ['productive', 8],
  ]);
});

test('a hang and an ending are that, also when a peer is gone', () => {
  const gone = pod('b', { gang: 2, bound: 0, phases: LOADS, ended: [100, 'failed'] });
  const phases = [...LOADS, [110, 'checkpointing'], [120, 'hung'], [150, 'terminating']] as const;
  const stays = pod('a', { gang: 2, bound: 0, phases, kept: 90, ended: [200, 'failed'] });
  expect(usesOf(gone, stays)['a']).toEqual({
    'start-up': 50,
    productive: 40,
    'failed-attempts': 10,
    waiting: 10,
    checkpointing: 10,
    hang: 30,
    terminating: 50,
  });
});

test('a node that does not answer leaves a doubt, which is gone when the pod is heard of again or seen to end', () => {
  const phases = [...LOADS];
  const [minute, now] = [60_000, 300_000];
  const silent: LedgerFact = { kind: 'unreachable', key: 's', run: 'r', pod: 'a', at: 2 * minute };
  const again: LedgerFact = { kind: 'alive', key: 'x', run: 'r', pod: 'a', at: 3 * minute };
  const told: LedgerFact = { kind: 'alive', key: 't', run: 'r', pod: 'a', at: 2 * minute - 5_000 };
  const doubt = (...more: readonly LedgerFact[]) =>
    statement([...pod('a', { bound: 0, phases, devices: 8 }), silent, ...more], watchedTo(now)).pods[0]
      ?.doubtfulMilliseconds;
  // It was heard of for the last time before its silence was noticed: 50 s, or since it last said something itself.
  expect(doubt()).toBe((now - 2 * minute + 50_000) * 8);
  expect(doubt(told)).toBe((now - 2 * minute + 5_000) * 8);
  expect(doubt(again)).toBe(0);
  const end = { kind: 'ended', run: 'r', pod: 'a', at: 4 * minute } as const;
  expect(doubt({ ...end, key: 'lost', seen: false })).toBe((2 * minute + 50_000) * 8);
  expect(doubt({ ...end, key: 'ended', seen: true, succeeded: false })).toBe(0);
});

test('whatever is known, uses partition held time, and the doubt lies beside it', () => {
  fc.assert(
    fc.property(facts, (known) => {
      for (const held of statement(known, watchedTo(NOW)).pods) {
        expect(held.spans.filter(({ from, to }) => from >= to)).toEqual([]);
        const sum = Object.values(held.uses).reduce((total, time) => total + time, 0);
        expect(sum).toBe(held.gpuMilliseconds);
        expect(held.doubtfulMilliseconds).toBeGreaterThanOrEqual(0);
        expect(held.doubtfulMilliseconds).toBe((held.doubtUntil - held.to) * held.devices);
      }
    }),
  );
});

test('that a pod was asked to end is no sign that it lived', () => {
  const phases = [...LOADS, [700, 'terminating']] as const;
  const end = { kind: 'ended', key: 'lost', run: 'r', pod: 'a', at: 1_000, seen: false } as const;
  const lastSign = Math.max(...LOADS.map(([at]) => at));
  const [held] = statement([...pod('a', { bound: 0, phases, devices: 8 }), end], watchedTo(NOW)).pods;
  expect(held?.doubtfulMilliseconds).toBe((1_000 - lastSign) * 8);
});
