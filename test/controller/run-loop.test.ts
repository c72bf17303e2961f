import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { eachQuery } from '../simulation/each-function.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { findPostgres, startPostgres } from '../store/postgres-server.ts';
import { recordArms, shellWorkplace } from './shell-runs.ts';

const never = new AbortController().signal;
const bin = findPostgres();
const patiently = { timeout: 30_000, interval: 20 };

async function attended(store: Store, home: string, seen: Store = store, script = 'sleep 1') {
  const [record] = await recordArms(shellWorkplace({ store, home }));
  if (!record) throw new Error('an arm was expected');
  const warnings: string[] = [];
  const done = attendRun(shellWorkplace({ store: seen, home, script }), record, {
    interrupt: never,
    force: never,
    onProgress: (each) => each.kind === 'warning' && warnings.push(each.message),
  });
  return { record, warnings, done };
}

test.each<[ErrorCode, number]>([
  ['store-unreachable', 3_000],
  ['store-busy', 3_000],
  ['conflict', 3_000],
])(
  'a store that says %s for a while ends no run, and is told once',
  async (code, milliseconds) => {
    const home = temporaryFolder();
    const store = await openStore(join(home, 'stint.db'));
    onTestFinished(() => store.close());
    let failsUntil = 0;
    let refused = 0;
    const failing = eachQuery(store, async (act) => {
      if (Date.now() >= failsUntil) return act();
      refused += 1;
      throw new StintError({ code, where: 'the store', what: `it is ${code}`, todo: 'wait' });
    });
    const { record, warnings, done } = await attended(store, home, failing);
    await expect
      .poll(async () => (await store.runs.state(record.id)).run.state.kind, patiently)
      .toBe('running');
    failsUntil = Date.now() + milliseconds;
    expect((await done).state.kind).toBe('succeeded');
    expect(refused).toBeGreaterThan(1);
    expect(warnings.filter((told) => told.includes('is not recorded yet'))).toHaveLength(1);
    const events = await store.runs.events(record.id);
    expect(events.filter(({ event }) => event.type === 'stage-launched')).toHaveLength(3);
  },
  60_000,
);

test.skipIf(bin === null)(
  'a PostgreSQL that is away for longer than a lease lasts ends no run',
  async () => {
    const server = await startPostgres(bin ?? '');
    onTestFinished(() => server.discard());
    const { store } = await openPostgres(await server.createDatabase(), Date.now);
    onTestFinished(() => store.close());
    const { record, warnings, done } = await attended(store, temporaryFolder());
    await expect
      .poll(async () => (await store.runs.state(record.id)).run.state.kind, patiently)
      .toBe('running');
    await server.stop();
    await new Promise((resolve) => setTimeout(resolve, 17_000));
    await server.start();
    expect((await done).state.kind).toBe('succeeded');
    expect(warnings.filter((told) => told.includes('is not recorded yet'))).toHaveLength(1);
    expect((await store.runs.events(record.id)).map(({ event }) => event.type)).toContain(
      'checkpoint-registered',
    );
  },
  90_000,
);

test('a run to which nothing happens is not read, and what another process asks of it is heard at once', async () => {
  const home = temporaryFolder();
  const file = join(home, 'stint.db');
  const [store, other] = [await openStore(file), await openStore(file)];
  onTestFinished(async () => {
    await store.close();
    await other.close();
  });
  let queries = 0;
  const counting = eachQuery(store, (act) => {
    queries += 1;
    return act();
  });
  const { record, done } = await attended(store, home, counting, 'trap "exit 0" TERM; sleep 60 & wait');
  await expect
    .poll(async () => (await other.runs.state(record.id)).run.state.kind, patiently)
    .toBe('running');
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  queries = 0;
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  // A heartbeat a second; of the run nothing.
  expect(queries).toBeLessThanOrEqual(5);
  const askedAt = Date.now();
  await other.requests.ask(record.id, 'cancel', askedAt);
  const stopping = async () => (await other.runs.state(record.id)).run.state.kind !== 'running';
  await expect.poll(stopping, patiently).toBe(true);
  expect(Date.now() - askedAt).toBeLessThan(5_000);
  expect((await done).state.kind).toBe('stopped');
}, 60_000);
