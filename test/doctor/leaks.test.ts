import { expect, it } from 'vitest';
import { checkLeaks, type RunUse } from '../../orchestrator/doctor/leaks.ts';
import type { PodUse, QuotaReservation } from '../../orchestrator/doctor/node-use.ts';

const NOW = 10 * 3_600_000;
const HOUR = 3_600_000;
const pod = (run: string | undefined, change: Partial<PodUse> = {}): PodUse => ({
  name: `${run}-pod`,
  namespace: 'training',
  node: 'n1',
  run,
  team: 'vision',
  project: undefined,
  devices: 8,
  terminating: false,
  ...change,
});
const reservation = (run: string, since = NOW - 3 * HOUR): QuotaReservation => ({
  name: `jobset-${run}`,
  namespace: 'training',
  run,
  devices: 16,
  since,
});
const use = (change: Partial<RunUse> = {}): RunUse => ({
  isAtRest: false,
  held: 0,
  planned: HOUR,
  ...change,
});
const look = (
  pods: readonly PodUse[],
  reservations: readonly QuotaReservation[] = [],
  runs: Readonly<Record<string, RunUse>> = {},
) => checkLeaks({ pods, reservations }, new Map(Object.entries(runs)), NOW);
const said = (checks: ReturnType<typeof look>) => checks.map(({ level, what }) => `${level}: ${what}`);

it('finds nothing where all that is held is worked with', () => {
  const pods = [pod('r-1'), pod(undefined), pod('r-2', { node: '' })];
  const checks = look(pods, [reservation('r-1'), reservation('r-3', NOW - 30_000)], { 'r-1': use() });
  expect(checks).toMatchObject([{ level: 'ok' }]);
});

it('names quota that is kept for a run without a pod, since when, and how to give it back', () => {
  const [check, ...others] = look([pod('r-2')], [reservation('r-1')], { 'r-1': use(), 'r-2': use() });
  expect(look([], [reservation('r-9')])[0]?.todo).not.toContain('patch');
  expect(others).toEqual([]);
  expect(check).toMatchObject({
    level: 'warning',
    what: 'the queue has kept 16 devices for r-1 (workload jobset-r-1) for 3 h 00 min, and it has no pod',
  });
  expect(check?.todo).toContain('kubectl patch workload jobset-r-1 -n training');
});

it('names devices that are held for a run at rest, and whose the runs of other stores are, which are no leaks', () => {
  const pods = [pod('r-1'), pod('r-1', { node: 'n2' }), pod('r-2'), pod('r-3', { devices: 0 })];
  expect(said(look(pods, [], { 'r-2': use({ isAtRest: true }) }))).toEqual([
    'warning: 8 devices on n1 are held for r-2, which is at rest',
    'ok: 16 devices on n1 and n2 are held for r-1 of vision, which another store launched',
  ]);
});

it('names runs that go on past their plan', () => {
  const runs = { 'r-1': use({ held: 2 * HOUR }), 'r-2': use({ held: 2 * HOUR, isAtRest: true }) };
  expect(said(look([pod('r-1')], [], runs))).toEqual([
    'warning: r-1 has held 2.00 device-hours, more than the 1.00 device-hours that its plan allowed for at most',
  ]);
});
