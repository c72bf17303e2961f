import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { controlRuns } from '../../orchestrator/controller/control-runs.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Progress } from '../../orchestrator/run/progress.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { recordArms, shellWorkplace } from './shell-runs.ts';

const never = new AbortController().signal;

async function arms(around: (cluster: Cluster) => Cluster) {
  const home = temporaryFolder();
  const store = await openStore(join(home, 'stint.db'));
  onTestFinished(() => store.close());
  const workplace = shellWorkplace({ store, home, script: 'sleep 0.3', around });
  const records = await recordArms(workplace);
  const progress: Progress[] = [];
  const control = () =>
    controlRuns(workplace, records, {
      interrupt: never,
      force: never,
      onProgress: (each) => progress.push(each),
    });
  return { store, records, progress, control };
}

/** In which order runs begin and end. */
const order = (progress: readonly Progress[], records: readonly RunRecord[]) =>
  progress.flatMap((each) => {
    if (each.kind !== 'state') return [];
    const arm = records.findIndex(({ id }) => id === each.run);
    if (each.state.kind === 'succeeded') return [`${arm} ends`];
    return each.state.kind === 'running' && each.state.launch === 1 && each.state.stage === 'prepare'
      ? [`${arm} begins`]
      : [];
  });

test('runs of a cluster without a queue go on one after another', async () => {
  const { records, progress, control } = await arms((cluster) => cluster);
  const runs = await control();
  expect(runs.map(({ state }) => state.kind)).toEqual(['succeeded', 'succeeded']);
  expect([...new Set(order(progress, records))]).toEqual(['0 begins', '0 ends', '1 begins', '1 ends']);
}, 60_000);

test('runs of a cluster that queues go on side by side', async () => {
  const { records, progress, control } = await arms((cluster) => ({ ...cluster, queues: true }));
  const runs = await control();
  expect(runs.map(({ state }) => state.kind)).toEqual(['succeeded', 'succeeded']);
  expect(order(progress, records).slice(0, 2).toSorted()).toEqual(['0 begins', '1 begins']);
}, 60_000);

/** A cluster that lets the runs named fail. */
const failing =
  (fails: ReadonlyMap<number, Error>, records: () => readonly RunRecord[]) =>
  (cluster: Cluster): Cluster => ({
    ...cluster,
    fence: async (run, options) => {
      const error = fails.get(records().findIndex(({ id }) => id === run));
      if (error) throw error;
      await cluster.fence(run, options);
    },
  });

const denied = (where: string) =>
  new StintError({ code: 'cluster-unreachable', where, what: `${where} is away`, todo: 'wait' });

test('a run that is given up ends none of the others, and is told at once', async () => {
  let known: readonly RunRecord[] = [];
  const { store, records, progress, control } = await arms(
    failing(new Map([[0, denied('first')]]), () => known),
  );
  known = records;
  await expect(control()).rejects.toMatchObject({ problems: [{ where: 'first' }] });
  const [first, second] = records.map(({ id }) => id);
  expect((await store.runs.state(second ?? '')).run.state.kind).toBe('succeeded');
  const told = progress.findIndex(({ kind, run }) => kind === 'warning' && run === first);
  expect(progress[told]).toMatchObject({ message: expect.stringContaining('first is away') });
  expect(told).toBeLessThan(progress.findIndex(({ run }) => run === second));
  expect(await store.leases.list()).toEqual([]);
}, 60_000);

test('what has ended each of several runs is told, and a defect is never hidden among it', async () => {
  let known: readonly RunRecord[] = [];
  const fails = new Map<number, Error>([
    [0, denied('first')],
    [1, denied('second')],
  ]);
  const { records, control } = await arms(failing(fails, () => known));
  known = records;
  await expect(control()).rejects.toMatchObject({ problems: [{ where: 'first' }, { where: 'second' }] });
  fails.set(1, new TypeError('a fault of ours'));
  await expect(control()).rejects.toThrow(new TypeError('a fault of ours'));
}, 60_000);
