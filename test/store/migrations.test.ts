import { join } from 'node:path';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { toJson } from '../../orchestrator/store/json-column.ts';
import { MIGRATIONS, migrate } from '../../orchestrator/store/migrate.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { Database } from '../../orchestrator/store/schema.ts';
import { sqliteDialect } from '../../orchestrator/store/sqlite-dialect.ts';
import { runRecord, temporaryFolder } from './fixtures.ts';

test('runs that go on when budgets come get a reservation for their plans, those at rest none', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await migrate(db, file, { migrations: MIGRATIONS.slice(0, 2) });
  const asked = {
    recipe: { ...runRecord().recipe, team: 'red' },
    profile: { name: 'here', device: { model: 'H100' } },
    plan: { gpuHours: { expected: 1, low: 1, high: 2 } },
  };
  const events = {
    'r-1': [],
    'r-2': ['stopped'],
    'r-3': ['failed', 'released'],
    'r-4': ['failed', 'resumed'],
  };
  for (const [id, types] of Object.entries(events)) {
    const { name, arm, recipeDigest, createdAt } = runRecord();
    const names = { id, name, arm, ablation_id: null, ablation_name: null, factor: null, factor_value: null };
    const json = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(asked).map(([k, v]) => [k, toJson(v)]))),
    );
    const owner = { team: 'red', project: null, cost_center: null, price: null };
    const row = { ...names, ...json, ...owner, recipe_digest: recipeDigest, created_at: createdAt };
    await db.insertInto('runs').values(row).execute();
    for (const [index, type] of types.entries()) {
      const body = JSON.stringify({ type });
      await db
        .insertInto('run_events')
        .values({ run: id, seq: index + 1, at: 1, body })
        .execute();
    }
  }
  await db.destroy();

  const store = await openStore(file);
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'total', gpuHours: 9 }], 1);
  const { reservations } = await store.budgets.book(5_000);
  expect(reservations.map(({ run, gpuMilliseconds }) => [run, gpuMilliseconds])).toEqual([
    ['r-1', 7_200_000],
    ['r-4', 7_200_000],
  ]);
  await store.close();
});

/** A store as the one before kept states: a run for each of these histories. */
async function storeOfVersionSix(
  file: string,
  histories: Readonly<Record<string, readonly object[]>>,
): Promise<void> {
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await migrate(db, file, { migrations: MIGRATIONS.slice(0, 6) });
  for (const [id, events] of Object.entries(histories)) {
    const { name, arm, recipeDigest, createdAt, recipe, profile, plan } = runRecord();
    const names = { id, name, arm, ablation_id: null, ablation_name: null, factor: null, factor_value: null };
    const asked = { recipe: toJson(recipe), profile: toJson(profile), plan: toJson(plan) };
    const owner = { team: null, project: null, cost_center: null, price: null, host: null, closed: 0 };
    // Of the tables as they were then.
    const row = { ...names, ...asked, ...owner, recipe_digest: recipeDigest, created_at: createdAt };
    await db
      .insertInto('runs')
      .values(row as Database['runs'])
      .execute();
    for (const [index, event] of events.entries())
      await db
        .insertInto('run_events')
        .values({ run: id, seq: index + 1, at: 1, body: JSON.stringify(event) })
        .execute();
  }
  await db.destroy();
}

const STOPPED = [
  { type: 'stage-launched', stage: 'train', attempt: 3 },
  { type: 'stopped', message: 'by a person' },
];

test('where runs stand is kept from their events when that comes', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  await storeOfVersionSix(file, { 'r-1': [], 'r-2': STOPPED });
  const store = await openStore(file);
  const found = await store.runs.summaries();
  expect(found.map(({ id, cluster, seq, run }) => [id, cluster, seq, run.state.kind, run.attempt])).toEqual([
    ['r-2', 'laptop', 2, 'stopped', 3],
    ['r-1', 'laptop', 0, 'queued', 0],
  ]);
  await store.close();
});

test('what an earlier Stint made of events in another way is made again', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  await storeOfVersionSix(file, { 'r-1': STOPPED });
  await (await openStore(file)).close();
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await db.updateTable('run_states').set({ fold: 0, seq: 1, body: '{}' }).execute();
  await db.destroy();
  const store = await openStore(file);
  const { seq, run } = await store.runs.state('r-1');
  expect([seq, run.state.kind, run.attempt]).toEqual([2, 'stopped', 3]);
  await store.runs.append('r-1', 2, 2, [{ type: 'resumed' }]);
  const [summary] = await store.runs.summaries({ state: 'queued' });
  expect(summary).toMatchObject({ seq: 3, run: { attempt: 3 } });
  await store.close();
});

test('who answers for a reservation, and whose usage is to be summed up, is known of all that an earlier Stint has recorded', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await migrate(db, file, { migrations: MIGRATIONS.slice(0, 13) });
  const price = { currency: 'USD', perDeviceHour: 2, source: 'list' };
  const { name, arm, recipeDigest, createdAt, recipe, plan, profile } = runRecord();
  for (const [id, endedAt, summed, open] of [
    ['r-goes-on', null, 1, 1],
    ['r-summed-up', 5, 2, 0],
    ['r-to-sum-up', 5, 1, 0],
  ] as const) {
    const names = { id, name, arm, ablation_id: null, ablation_name: null, factor: null, factor_value: null };
    const asked = {
      recipe: toJson(recipe),
      profile: toJson({ ...profile, price }),
      plan: toJson(plan),
      price: toJson(price),
    };
    const owner = { team: 'red', project: id, cost_center: null, host: null, closed: 0, cluster: 'h' };
    const row = { ...names, ...asked, ...owner, recipe_digest: recipeDigest, created_at: createdAt };
    await db.insertInto('runs').values(row).execute();
    await db.insertInto('ledger_heads').values({ run: id, version: 2 }).execute();
    await db.insertInto('usage_heads').values({ run: id, version: summed, open }).execute();
    await reserveAsBefore(db, id, endedAt);
  }
  await db.destroy();

  const store = await openStore(file);
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'total', gpuHours: 9 }], 1);
  expect((await store.usage.stale()).map(({ run }) => run)).toEqual(['r-goes-on', 'r-to-sum-up']);
  const owned = (run: string) => ({
    run,
    team: 'red',
    project: run,
    deviceModel: 'H100',
    listedPrice: price,
  });
  expect((await store.budgets.book(5_000)).reservations).toMatchObject([
    owned('r-goes-on'),
    owned('r-to-sum-up'),
  ]);
  await store.close();
});

test('a reservation that an earlier Stint makes beside this one is known by its run', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  const store = await openStore(file);
  await store.runs.create([runRecord({ id: 'r-1', recipe: { ...runRecord().recipe, team: 'red' } })]);
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await reserveAsBefore(db, 'r-1', null);
  await db.destroy();
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'total', gpuHours: 9 }], 1);
  const { reservations } = await store.budgets.book(5_000);
  expect(reservations).toMatchObject([
    { run: 'r-1', team: 'red', project: null, gpuMilliseconds: 7, deviceModel: 'H100' },
  ]);
  await store.budgets.apply([{ name: 'blue', team: 'blue', period: 'total', gpuHours: 9 }], 1);
  expect((await store.budgets.book(5_000)).reservations).toEqual([]);
  await store.close();
});

async function reserveAsBefore(db: Kysely<Database>, run: string, endedAt: number | null): Promise<void> {
  const columns = { run, gpu_ms: 7, at: 1, ended_at: endedAt };
  await db.insertInto('reservations').values(columns).execute();
}
