import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConservation } from '../../orchestrator/ledger/conservation.ts';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import type { Phase } from '../../orchestrator/wire/phase.ts';
import { facts } from './arbitrary-facts.ts';
import { unwatched, watchedTo } from './watched-to.ts';

const NOW = 12_000;
const pod = { run: 'r', pod: 'p' };
const bound = (at: number, devices = 2): LedgerFact => ({
  ...pod,
  kind: 'bound',
  key: `bound:${at}`,
  at,
  stage: 'train',
  attempt: 1,
  node: 'n',
  deviceModel: 'H100',
  devices,
});
const phase = (at: number, name: Phase, order = 1): LedgerFact => ({
  ...pod,
  kind: 'phase',
  key: `phase:${at}:${name}`,
  at,
  phase: name,
  order,
});
const ended = (at: number, seen = true): LedgerFact => ({
  ...pod,
  kind: 'ended',
  key: `${seen}:${at}`,
  at,
  seen,
});
const only = (...known: LedgerFact[]) => statement(known, watchedTo(NOW)).pods[0];

test('a pod is starting until its first phase, and each phase lasts until the next', () => {
  const known = [
    bound(100),
    phase(150, 'loading'),
    phase(170, 'training'),
    phase(400, 'checkpointing'),
    ended(410),
  ];
  expect(only(...known)).toMatchObject({ from: 100, to: 410, end: 'seen', gpuMilliseconds: 620 });
  expect(only(...known)?.phases).toEqual({ starting: 100, loading: 40, training: 460, checkpointing: 20 });
});

test('a phase outside of the time held counts at the nearer end', () => {
  expect(only(bound(100), phase(90, 'training'), phase(500, 'loading'), ended(200))?.phases).toEqual({
    training: 200,
  });
});

test('phases of one millisecond count in the order in which they were reported', () => {
  const known = [phase(150, 'training', 1), phase(150, 'checkpointing', 2)];
  for (const reported of [known, known.toReversed()])
    expect(only(bound(100), ...reported, ended(200))?.phases).toEqual({ starting: 100, checkpointing: 100 });
});

test('once asked to end, a pod is terminating whatever it still reports', () => {
  const known = [phase(110, 'training'), phase(150, 'terminating'), phase(160, 'checkpointing')];
  expect(only(bound(100), ...known, ended(200))?.phases).toEqual({
    starting: 20,
    training: 80,
    terminating: 100,
  });
});

test('a pod that somebody watches is held until now; one that nobody watches, until its last sign of life', () => {
  expect(only(bound(100))).toMatchObject({ to: NOW, end: 'open', phases: { starting: 2 * (NOW - 100) } });
  const left = statement([bound(100), phase(150, 'loading'), phase(400, 'terminating')], unwatched(NOW)).pods;
  expect(left).toMatchObject([
    { to: 150, end: 'open', gpuMilliseconds: 2 * 50, doubtfulMilliseconds: 2 * (NOW - 150) },
  ]);
});

test('an end that nobody saw is the last sign of life, with a doubt up to its first proof, until somebody saw it', () => {
  const lost = [bound(100), phase(150, 'loading'), ended(900, false), ended(700, false)];
  expect(only(...lost)).toMatchObject({ to: 150, doubtUntil: 700, end: 'doubtful' });
  expect(only(...lost, ended(500))).toMatchObject({ to: 500, end: 'seen', doubtfulMilliseconds: 0 });
});

const unseen = facts.map((known) => known.filter((fact) => fact.kind !== 'ended' || !fact.seen));

test('whoever does not watch bills no more than whoever does, and both know of the same time', () => {
  fc.assert(
    fc.property(facts, fc.nat(20_000), (known, now) => {
      const watched = new Map(statement(known, watchedTo(now)).pods.map((held) => [held.pod, held]));
      for (const held of statement(known, unwatched(now)).pods) {
        const more = watched.get(held.pod);
        expect(held.to).toBeLessThanOrEqual(more?.to ?? 0);
        expect(held.doubtUntil).toBe(more?.doubtUntil);
        expect(held.to).toBeLessThanOrEqual(held.doubtUntil);
      }
    }),
  );
});

test('nobody watching, held time does not depend on the clock', () => {
  fc.assert(
    fc.property(facts, fc.integer({ min: 10_000, max: 20_000 }), (known, now) => {
      const times = (at: number) =>
        statement(known, unwatched(at)).pods.map(({ pod: name, to }) => [name, to]);
      expect(times(now + 86_400_000)).toEqual(times(now));
    }),
  );
});

test('a sign of life only ever adds to what was held, and an end that somebody saw replaces whatever bound there was', () => {
  fc.assert(
    fc.property(unseen, fc.nat(10_000), (known, at) => {
      for (const held of statement(known, unwatched(NOW)).pods) {
        const of = { run: held.run, pod: held.pod, at };
        const withFact = (more: LedgerFact) =>
          statement([...known, more], unwatched(NOW)).pods.find((each) => each.pod === held.pod);
        const sign: LedgerFact = { ...of, kind: 'alive', key: `${held.pod}:new` };
        expect(withFact(sign)?.to).toBeGreaterThanOrEqual(held.to);
        const end: LedgerFact = { ...of, kind: 'ended', key: `${held.pod}:true`, seen: true };
        const to = Math.max(held.from, at);
        expect(withFact(end)).toMatchObject({ end: 'seen', to, doubtUntil: to, doubtfulMilliseconds: 0 });
      }
    }),
  );
});

test('a pod whose end lies before its beginning held nothing', () => {
  expect(only(bound(100), phase(50, 'training'), ended(60))).toMatchObject({
    gpuMilliseconds: 0,
    phases: {},
  });
});

test('facts of a pod that was never seen bound are reported', () => {
  const { pods, unbound } = statement([phase(50, 'training'), ended(60)], watchedTo(NOW));
  expect(pods).toEqual([]);
  expect(unbound).toEqual([{ ...pod, firstAt: 50, lastAt: 60 }]);
});

test('two contents under one key are refused, whichever comes first', () => {
  const other = { ...bound(100), node: 'elsewhere' };
  for (const known of [
    [bound(100), other],
    [other, bound(100)],
  ])
    expect(() => statement(known, watchedTo(NOW))).toThrow('two different facts have the key bound:100');
});

test('phases partition held time, and every pod is either stated or reported', () => {
  fc.assert(
    fc.property(facts, (known) => {
      const { pods, unbound } = statement(known, watchedTo(NOW));
      for (const held of pods) {
        const sum = Object.values(held.phases).reduce((total, time) => total + time, 0);
        expect(sum).toBe((held.to - held.from) * held.devices);
        expect(held.gpuMilliseconds).toBe(sum);
      }
      const named = [...pods, ...unbound].map((one) => one.pod).toSorted();
      expect(named).toEqual([...new Set(known.map((fact) => fact.pod))].toSorted());
    }),
  );
});

test('late, repeated and reordered facts, and facts recorded in overlapping parts, give the same statement', () => {
  const shuffled = facts.chain((known) =>
    fc.tuple(fc.constant(known), fc.shuffledSubarray([...known]), fc.shuffledSubarray([...known, ...known])),
  );
  fc.assert(
    fc.property(shuffled, ([known, part, again]) => {
      const rest = known.filter((fact) => !part.includes(fact)).toReversed();
      const copies = again.map((fact) => ({ ...fact }));
      expect(statement([...rest, ...copies, ...part], watchedTo(NOW))).toEqual(
        statement(known, watchedTo(NOW)),
      );
    }),
  );
});

/** What it was good for depends on what becomes of its peers. */
const STILL_OPEN = { uses: {}, spans: [] };

test('as time goes on, held time and each phase of it never shrink, and what has ended stays', () => {
  const times = fc.tuple(fc.nat(20_000), fc.nat(20_000));
  fc.assert(
    fc.property(facts, times, (known, [a, b]) => {
      const earlier = statement(known, watchedTo(Math.min(a, b))).pods;
      const later = new Map(statement(known, watchedTo(Math.max(a, b))).pods.map((held) => [held.pod, held]));
      for (const held of earlier) {
        const then = later.get(held.pod);
        if (held.end !== 'open') expect({ ...then, ...STILL_OPEN }).toEqual({ ...held, ...STILL_OPEN });
        for (const [name, time] of Object.entries(held.phases))
          expect(new Map(Object.entries(then?.phases ?? {})).get(name)).toBeGreaterThanOrEqual(time);
      }
    }),
  );
});

test('a contradiction tells both contents, the same way round whichever came first', () => {
  const other = { ...bound(100), node: 'elsewhere' };
  const told = (...known: LedgerFact[]) => {
    try {
      statement(known, watchedTo(NOW));
    } catch (error) {
      return (error as { problems: readonly object[] }).problems[0];
    }
    return undefined;
  };
  const problem = told(bound(100), other);
  expect(problem).toMatchObject({
    code: 'ledger-contradiction',
    where: 'bound:100',
    why: expect.stringMatching(
      /"node":"elsewhere".* and .*"node":"n".*; a fact, once recorded, does not change/,
    ),
    todo: expect.stringContaining('report this as a defect'),
  });
  expect(told(other, bound(100))).toEqual(problem);
  expect(told(bound(100), { ...bound(100) })).toBeUndefined();
});

test('parts that are not the whole, to the millisecond, are never shown', () => {
  expect(() => checkConservation([1, 2, 3], 6, 'pod p')).not.toThrow();
  expect(() => checkConservation([], 0, 'pod p')).not.toThrow();
  for (const whole of [5, 7])
    expect(() => checkConservation([1, 2, 3], whole, 'pod p')).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            code: 'ledger-conservation',
            where: 'pod p',
            what: `the parts of the held time of pod p add up to 6 GPU-ms, and ${whole} were held`,
            why: 'phases must partition held time exactly, in whole milliseconds',
            todo: expect.stringContaining('report this as a defect'),
          }),
        ],
      }),
    );
  expect(() => checkConservation([1.5], 1.5, 'pod p')).toThrow('pod p');
});

test('a pod that fails breaks the gang of its own run, and no other', () => {
  const of = (run: string, known: readonly LedgerFact[]): LedgerFact[] =>
    known.map((fact) => ({ ...fact, run, pod: `${run}-p`, key: `${run}:${fact.key}` }));
  const works = of('b', [
    bound(100),
    phase(100, 'training'),
    { ...ended(900), succeeded: true } as LedgerFact,
  ]);
  const fails = of('a', [
    bound(100),
    phase(100, 'training'),
    { ...ended(400), succeeded: false } as LedgerFact,
  ]);
  const alone = statement(works, watchedTo(NOW)).pods;
  expect(alone[0]?.uses).toEqual({ productive: 1_600 });
  expect(statement([...works, ...fails], watchedTo(NOW)).pods.filter(({ run }) => run === 'b')).toEqual(
    alone,
  );
});

test('pods that were never seen bound are told in the order of their first facts, and those of one moment by name', () => {
  const fact = (name: string, at: number): LedgerFact => ({ ...phase(at, 'training'), pod: name, key: name });
  const told = statement([fact('c', 70), fact('b', 50), fact('a', 70)], watchedTo(NOW)).unbound;
  expect(told.map((each) => each.pod)).toEqual(['b', 'a', 'c']);
});

test('pods are told in the order in which they began to hold, and those of one moment by name', () => {
  const held = (name: string, at: number): LedgerFact => ({ ...bound(at), pod: name, key: name });
  const told = statement([held('c', 70), held('a', 90), held('b', 70), held('d', 50)], watchedTo(NOW)).pods;
  expect(told.map((each) => each.pod)).toEqual(['d', 'b', 'c', 'a']);
});

test('a pod without devices has used none of their time', () => {
  const idle = only(bound(100, 0), phase(150, 'training'), ended(400));
  expect([idle?.uses, idle?.phases]).toEqual([{}, {}]);
});

test('time is on demand where its facts do not say so', () => {
  expect(only(bound(100))).toMatchObject({ capacity: 'on-demand', region: null });
});

test('a pod is bound when it was first, whatever its facts are called', () => {
  const told = [
    { ...bound(90), key: 'z' },
    { ...bound(100), key: 'a' },
  ];
  expect(only(...told, ended(200))?.from).toBe(90);
});

test('work that is kept, or that somebody saw it live, is a sign of life', () => {
  for (const kind of ['kept', 'alive'] as const) {
    const sign: LedgerFact = { ...pod, kind, key: kind, at: 500 };
    expect(statement([bound(100), sign], unwatched(NOW)).pods[0]?.to).toBe(500);
  }
});

test('a node that fell silent in the moment of a sign of life was alive until then', () => {
  const at = 200_000;
  const signs: LedgerFact[] = [
    { ...pod, kind: 'alive', key: 'alive', at },
    { ...pod, kind: 'unreachable', key: 'silent', at },
  ];
  expect(statement([bound(100), ...signs], watchedTo(400_000)).pods[0]?.to).toBe(at);
});

test('a node that fell silent twice was heard of until shortly before it did so last', () => {
  const silent = (at: number): LedgerFact => ({ ...pod, kind: 'unreachable', key: `silent:${at}`, at });
  const held = statement([bound(100), silent(100_000), silent(300_000)], watchedTo(400_000)).pods[0];
  expect(held?.to).toBe(250_000);
});
