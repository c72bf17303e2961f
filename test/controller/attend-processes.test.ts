import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { LEASE_EXPIRES_MILLISECONDS } from '../../orchestrator/controller/hold-lease.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { asFineTune } from '../../orchestrator/recipe/run-recipe.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { layResults } from '../kubernetes/simulated/lay-results.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { findPostgres, type PostgresServer, startPostgres } from '../store/postgres-server.ts';
import { finishTraining, ordersIn } from './folder-cluster.ts';
import { shellWorkplace } from './shell-runs.ts';

const SCRIPT = join(import.meta.dirname, 'attend-process.ts');
const RUNS = 6;
const patiently = { timeout: 45_000, interval: 100 };

const bin = findPostgres();
if (bin === null) console.log('skipped: servers that share a store; no initdb is here (Debian: postgresql)');

interface Server {
  readonly child: ChildProcess;
  readonly owner: string;
  readonly said: string[];
}

async function startServer(address: string, home: string, how = ''): Promise<Server> {
  const child = spawn(process.execPath, [SCRIPT, address, home, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const reader = createInterface({ input: child.stdout });
  const [ready] = await once(reader, 'line');
  const said: string[] = [];
  reader.on('line', (line) => said.push(line));
  return { child, owner: JSON.parse(String(ready)).ready, said };
}

/** Runs on a cluster that outlives whoever attends them, with what their stages would leave. */
async function recordedRuns(store: Store, home: string): Promise<readonly RunRecord[]> {
  const workplace = shellWorkplace({ store, home });
  const [loaded, profile] = await Promise.all([
    loadRecipe('recipes/quickstart.yaml'),
    loadProfile('h100-16'),
  ]);
  const arm = loaded.arms.at(-1);
  if (!arm) throw new Error('the recipe has no arm');
  const { evaluation: _, ...recipe } = arm.recipe;
  const plan = makePlan(recipe, arm.recipeDigest, profile);
  const records: RunRecord[] = [];
  for (let run = 0; run < RUNS; run += 1)
    records.push(
      ...(await recordRuns(workplace, { ...loaded, arms: [{ ...arm, recipe }] }, profile, [plan])),
    );
  for (const record of records) layResults(workplace.workFolder(record), asFineTune(record.recipe));
  return records;
}

describe.skipIf(bin === null)('servers that share one PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
  }, 60_000);
  afterAll(() => server.discard(), 60_000);

  async function place() {
    const [home, address] = [temporaryFolder(), await server.createDatabase()];
    const { store } = await openPostgres(address, Date.now);
    onTestFinished(() => store.close());
    const records = await recordedRuns(store, home);
    const states = async () =>
      Promise.all(
        records.map(async ({ id }) => {
          const { state } = (await store.runs.state(id)).run;
          return 'stage' in state ? `${state.kind} ${state.stage}` : state.kind;
        }),
      );
    const owners = async () => (await store.leases.list()).map(({ owner }) => owner);
    return { home, address, store, records, states, owners, cluster: join(home, 'cluster') };
  }
  const all = <T>(what: T): readonly T[] => Array.from({ length: RUNS }, () => what);

  test.each([
    ['on one machine', ''],
    ['of which none can see whether the other lives', 'stranger'],
  ])(
    'two %s: the runs of one that was killed are attended by the other before its leases expire',
    async (_, how) => {
      const { home, address, states, owners, cluster, records, store } = await place();
      const first = await startServer(address, home, how);
      await expect.poll(states, patiently).toEqual(all('running train'));
      const second = await startServer(address, home, how);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(await owners()).toEqual(all(first.owner));
      first.child.kill('SIGKILL');
      const killedAt = Date.now();
      await expect.poll(owners, { timeout: 20_000, interval: 50 }).toEqual(all(second.owner));
      // Within five seconds (holders.test.ts), where the machine has nothing else to do.
      expect(Date.now() - killedAt).toBeLessThan(LEASE_EXPIRES_MILLISECONDS);
      finishTraining(cluster);
      await expect.poll(states, patiently).toEqual(all('succeeded'));
      const launches = ordersIn(cluster).filter(({ act }) => act.startsWith('apply'));
      // Each of its three stages was launched once, whoever did.
      expect(launches).toHaveLength(3 * RUNS);
      for (const { id } of records) {
        const numbers = (await store.runs.events(id)).map(({ seq }) => seq);
        expect(numbers).toEqual(numbers.map((__, index) => index + 1));
      }
    },
    120_000,
  );

  test('one that stood still and wakes when another has taken its runs over orders and records nothing', async () => {
    const { home, address, states, owners, cluster } = await place();
    const first = await startServer(address, home, 'stranger');
    await expect.poll(states, patiently).toEqual(all('running train'));
    const second = await startServer(address, home, 'stranger');
    first.child.kill('SIGSTOP');
    await expect.poll(owners, { timeout: 20_000, interval: 50 }).toEqual(all(second.owner));
    const [frozenUntil, told] = [Date.now(), first.said.length];
    // What it would like best: that its runs have ended meanwhile, so that there is something to record, settle and let go.
    finishTraining(cluster);
    first.child.kill('SIGCONT');
    await expect.poll(states, patiently).toEqual(all('succeeded'));
    expect(ordersIn(cluster).filter(({ at, by }) => by === first.owner && at >= frozenUntil)).toEqual([]);
    const wrote = (said: readonly string[]) => said.filter((line) => line.includes('"wrote"'));
    expect(wrote(first.said.slice(0, told))).not.toEqual([]);
    expect(wrote(first.said.slice(told))).toEqual([]);
    expect(ordersIn(cluster).filter(({ act }) => act.startsWith('apply'))).toHaveLength(3 * RUNS);
  }, 120_000);
});
