import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { dayOf, dayText, usageDays } from '../../orchestrator/ledger/usage-day.ts';
import { facts } from './arbitrary-facts.ts';
import { watchedTo } from './watched-to.ts';

const HOUR = 3_600_000;

test('a pod that lives over midnight in UTC is billed to each day for what it held then', () => {
  const noon = Date.UTC(2026, 10, 27, 12);
  const of = { run: 'r', pod: 'p' };
  const place = { stage: 'train', attempt: 1, node: 'n', deviceModel: 'H100', devices: 8 } as const;
  const known: LedgerFact[] = [
    { ...of, ...place, kind: 'bound', key: 'b', at: noon },
    { ...of, kind: 'phase', key: 'p', at: noon + HOUR, phase: 'training', order: 0 },
    { ...of, kind: 'ended', key: 'e', at: noon + 37 * HOUR, seen: true, succeeded: true },
  ];
  const days = statement(known, watchedTo(0)).pods.flatMap(usageDays);
  expect(days.map(({ day, uses }) => [dayText(day), uses])).toEqual([
    ['2026-11-27', { 'start-up': 8 * HOUR, productive: 8 * 11 * HOUR }],
    ['2026-11-28', { productive: 8 * 24 * HOUR }],
    ['2026-11-29', { productive: 8 * HOUR }],
  ]);
});

test('a pod that held nothing has a day with nothing in it, and one that ends at midnight none of the next', () => {
  const midnight = Date.UTC(2026, 0, 2);
  const of = { run: 'r', pod: 'p' };
  const place = { stage: 'train', attempt: 1, node: 'n', deviceModel: 'H100', devices: 1 } as const;
  const pods = (from: number, to: number) =>
    statement(
      [
        { ...of, ...place, kind: 'bound', key: 'b', at: from },
        { ...of, kind: 'ended', key: 'e', at: to, seen: true },
      ],
      watchedTo(0),
    ).pods.flatMap(usageDays);
  expect(pods(midnight, midnight)).toMatchObject([{ day: dayOf(midnight), gpuMilliseconds: 0 }]);
  expect(pods(midnight - 5, midnight)).toMatchObject([{ day: dayOf(midnight) - 1, gpuMilliseconds: 5 }]);
});

test('a day says which pod of which attempt held what, and where', () => {
  const of = { run: 'r', pod: 'p' };
  const place = { stage: 'train', attempt: 3, node: 'n', deviceModel: 'H100', devices: 8 } as const;
  const known: LedgerFact[] = [
    { ...of, ...place, capacity: 'spot', region: 'eu-1', kind: 'bound', key: 'b', at: 10 },
    { ...of, kind: 'ended', key: 'e', at: 30, seen: true, succeeded: true },
  ];
  const held = { day: 0, from: 10, to: 30, gpuMilliseconds: 160, doubtfulMilliseconds: 0 };
  const time = { phases: { starting: 160 }, uses: { 'start-up': 160 } };
  expect(statement(known, watchedTo(0)).pods.flatMap(usageDays)).toEqual([
    { ...of, ...place, ...held, ...time, capacity: 'spot', region: 'eu-1', end: 'seen' },
  ]);
});

test('a statement whose days do not add up to it is never billed', () => {
  const known: LedgerFact[] = [
    {
      run: 'r',
      pod: 'p',
      kind: 'bound',
      key: 'b',
      at: 0,
      stage: 'train',
      attempt: 1,
      node: 'n',
      deviceModel: 'H',
      devices: 1,
    },
    { run: 'r', pod: 'p', kind: 'ended', key: 'e', at: 30, seen: true },
  ];
  const [pod] = statement(known, watchedTo(0)).pods;
  if (pod === undefined) throw new Error('it is bound');
  const where = (name: string) =>
    expect.objectContaining({ problems: [expect.objectContaining({ where: name })] });
  expect(() => usageDays({ ...pod, gpuMilliseconds: 31 })).toThrow(where('pod p by day'));
  expect(() => usageDays({ ...pod, doubtfulMilliseconds: 1 })).toThrow(where('the doubt about pod p by day'));
});

test('days add up to the pod, in every phase, every use and the doubt', () => {
  // The facts of the property lie within ten seconds; 8,640 times as far apart, within a day each.
  const stretched = facts.map((known) => known.map((fact) => ({ ...fact, at: fact.at * 25_000 })));
  fc.assert(
    fc.property(stretched, (known) => {
      for (const pod of statement(known, watchedTo(300_000_000)).pods) {
        const days = usageDays(pod);
        const sum = (of: (day: (typeof days)[number]) => number) =>
          days.reduce((total, day) => total + of(day), 0);
        expect(sum((day) => day.gpuMilliseconds)).toBe(pod.gpuMilliseconds);
        expect(sum((day) => day.doubtfulMilliseconds)).toBe(pod.doubtfulMilliseconds);
        for (const [use, time] of Object.entries(pod.uses))
          expect(sum((day) => day.uses[use as keyof typeof day.uses] ?? 0)).toBe(time);
        for (const [phase, time] of Object.entries(pod.phases))
          expect(sum((day) => day.phases[phase as keyof typeof day.phases] ?? 0)).toBe(time);
      }
    }),
  );
});
