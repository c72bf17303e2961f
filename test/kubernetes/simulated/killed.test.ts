import { expect, test } from 'vitest';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { preempt } from '../faults/preempt.ts';
import { kubectl } from '../kubectl.ts';
import { steer } from '../steer.ts';
import {
  ALL,
  AT_ONCE,
  type Kill,
  killsUpTo,
  NEVER,
  nameOf,
  type Survived,
  survive,
  untilItTrains,
} from './kills.ts';
import { IN, NAMESPACE, type Simulated, type SimulatedOptions } from './simulated-runs.ts';
import { simulatedSuite } from './suite.ts';

/** Beyond the last action that such a run needs. */
const MOST_ACTIONS = 120;
const TIMEOUT = { timeout: ALL ? 3_600_000 : 300_000 };

const { open, expectSettled } = simulatedSuite();

/** Whoever works on it, this is what happens to a run whose training is started twice by one JobSet. */
const TRAINED_TWICE = [
  'stage-launched 1',
  'plan-reviewed',
  'attempt-ended 1',
  'stage-launched 1',
  'attempt-ended 1',
  'attempt-began 2',
  'attempt-ended 2',
  'stage-launched 2',
  'checkpoint-registered',
  'attempt-ended 2',
  'succeeded',
  'released',
];

const CANCELLED = [
  'stage-launched 1',
  'plan-reviewed',
  'attempt-ended 1',
  'stage-launched 1',
  'stop-requested',
  'attempt-ended 1',
  'stopped',
  'released',
];

test(
  'a controller killed at any of its actions is succeeded by one that ends the run as if nothing had been',
  TIMEOUT,
  async () => {
    const here = await open();
    const options = {
      // Its training fails once, and its JobSet starts it again.
      sim: { 'sim/run': '1s', 'sim/exit-code': '80', 'sim/fail-attempts': '1' },
      backend: { queue: { name: 'training-flat' } },
    };
    await killEach(async (kill) => {
      const record = await launch(here, options);
      const survived = await survive(here, record, kill);
      await expectTrainedTwice(here, record, survived, /^train: infrastructure: /);
      expect(survived.run.retries).toBe(1);
      await here.forget(record);
      return survived;
    });
  },
);

test('also when the run is cancelled: it is stopped, and nothing of it is left', TIMEOUT, async () => {
  const here = await open();
  const options = {
    sim: { 'sim/hang': 'true', 'sim/term-exit-code': '75' },
    backend: { queue: { name: 'training-flat' } },
  };
  await killEach(async (kill) => {
    const record = await launch(here, options);
    const cancelled = untilItTrains(here, record).then(() =>
      here.workplace.store.requests.ask(record.id, 'cancel', Date.now()),
    );
    const [survived] = await Promise.all([survive(here, record, kill), cancelled]);
    expectEvents(survived, CANCELLED);
    const { run, attempts, held } = await expectSettled(here, record);
    expect(run).toMatchObject({
      released: true,
      state: { kind: 'stopped', message: 'cancelled by a person' },
    });
    expect(attempts.map(({ cause }) => cause)).toEqual([expect.stringMatching(/^train: interrupted: /)]);
    expect(held.map(({ attempt, end }) => [attempt, end])).toEqual([
      [1, 'seen'],
      [1, 'seen'],
    ]);
    await here.forget(record);
    return survived;
  });
});

test(
  'also when its queue takes the run back for work of a higher priority, and starts it again',
  TIMEOUT,
  async () => {
    const here = await open();
    const sim = { 'sim/run': '900s', 'sim/term-exit-code': '75' };
    // Kueue would choose one node for both of its small pods.
    const backend = { onePodPerNode: false };
    /** The work of a higher priority takes all devices, so these are taken back at the same time. */
    const wave = async (kills: readonly Kill[]): Promise<readonly (() => Promise<Survived>)[]> => {
      const records: RunRecord[] = [];
      for (const _ of kills) records.push(await launch(here, { sim, backend }));
      const survived = kills.map((kill, index) => survive(here, records[index] as RunRecord, kill));
      const ended = Promise.allSettled(survived);
      await Promise.all(records.map((record) => untilItTrains(here, record)));
      const labels = { 'stint.dev/stage': 'train' };
      const unsteer = await steer({ namespace: NAMESPACE, labels, annotations: { 'sim/run': '1s' } });
      // A policy is seen by the API server's admission a moment after it is made.
      await new Promise((done) => setTimeout(done, 1_500));
      const giveBack = await preempt(NAMESPACE, 'training');
      await Promise.all(records.map((record) => untilTakenBack(record)));
      await giveBack();
      await ended;
      await unsteer();
      return records.map((record, index) => async () => {
        const one = await (survived[index] as Promise<Survived>);
        await expectTrainedTwice(
          here,
          record,
          one,
          /^train: interrupted: Preempted to accommodate a workload/,
        );
        expect(one.run.retries).toBe(0);
        await here.forget(record);
        return one;
      });
    };
    await killInWaves(wave);
  },
);

/** In the words of the API server: whoever controls it may be dead just now. */
async function untilTakenBack({ id }: RunRecord): Promise<void> {
  const selector = `--selector=stint.dev/run=${id},stint.dev/stage=train`;
  const condition = '--for=jsonpath={.status.conditions[?(@.type=="Suspended")].status}=True';
  await kubectl(['wait', 'jobset', IN, selector, condition, '--timeout=120s']);
}

type Wave = (kills: readonly Kill[]) => Promise<readonly (() => Promise<Survived>)[]>;

/** A run for each kill, several beside each other. The first one is left alone, to know how many actions there are. */
const killEach = (one: (kill: Kill) => Promise<Survived>): Promise<void> =>
  killInWaves(async (kills) => {
    const left = [...kills];
    const ended = new Map<Kill, Promise<Survived>>();
    const work = async () => {
      for (let kill = left.shift(); kill; kill = left.shift()) {
        const run = one(kill);
        ended.set(kill, run);
        await run.catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return kills.map((kill) => async () => ended.get(kill) as Promise<Survived>);
  }, Number.POSITIVE_INFINITY);

async function killInWaves(wave: Wave, size = AT_ONCE): Promise<void> {
  const [first] = await wave([NEVER]);
  const whole = await first?.();
  if (whole === undefined) throw new Error('nothing ran');
  expect(whole.actions).toBeGreaterThan(15);
  expect(whole.actions).toBeLessThan(MOST_ACTIONS);
  const kills = killsUpTo(whole.actions);
  const survivors: string[] = [];
  const failures: string[] = [];
  for (let start = 0; start < kills.length; start += size) {
    const these = kills.slice(start, start + size);
    const ended = await wave(these);
    for (const [index, kill] of these.entries()) {
      const survived = await ended[index]?.().catch((error: unknown) => {
        const failure = `${nameOf(kill)}: ${wordsOf(error)}`;
        console.error(failure);
        failures.push(failure);
        return undefined;
      });
      if (survived && !survived.wasKilled) survivors.push(nameOf(kill));
    }
  }
  expect(failures).toEqual([]);
  // All but the last few, which a run may do in fewer.
  if (ALL) expect(survivors.length).toBeGreaterThan(0);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { actual, expected } = error as { readonly actual?: unknown; readonly expected?: unknown };
  return actual === undefined
    ? error.message
    : `${error.message}\n${JSON.stringify(actual)}\nand not\n${JSON.stringify(expected)}`;
}

const launch = (here: Simulated, options: SimulatedOptions): Promise<RunRecord> =>
  here.launch({ ...options, small: true });

function expectEvents({ events }: Survived, expected: readonly string[]): void {
  if (events.join() !== expected.join()) throw new Error(`it went another way: ${events.join(', ')}`);
}

async function expectTrainedTwice(
  here: Simulated,
  record: RunRecord,
  survived: Survived,
  cause: RegExp,
): Promise<void> {
  expectEvents(survived, TRAINED_TWICE);
  const { attempts, held } = await expectSettled(here, record);
  expect(survived.run).toMatchObject({ released: true, state: { kind: 'succeeded' } });
  expect(attempts.map(({ number, cause: told }) => [number, told])).toEqual([
    [1, expect.stringMatching(cause)],
    [2, 'succeeded'],
  ]);
  expect(held.map(({ attempt, end }) => [attempt, end])).toEqual([
    [1, 'seen'],
    [1, 'seen'],
    [2, 'seen'],
    [2, 'seen'],
  ]);
  // Each stage was launched once, whoever did it.
  const selector = `--selector=stint.dev/run=${record.id}`;
  const jobs = await kubectl(['get', 'jobsets', IN, selector, '--output=jsonpath={.items[*].metadata.name}']);
  expect(jobs.split(' ').toSorted()).toEqual(
    ['export-a2', 'prepare-a1', 'train-a1'].map((name) => `${record.id}-${name}`),
  );
}
