import { join } from 'node:path';
import { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { toJson } from '../../orchestrator/store/json-column.ts';
import { migrate } from '../../orchestrator/store/migrate.ts';
import { initial } from '../../orchestrator/store/migrations/0001-initial.ts';
import { usage } from '../../orchestrator/store/migrations/0002-usage.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { Database } from '../../orchestrator/store/schema.ts';
import { sqliteDialect } from '../../orchestrator/store/sqlite-dialect.ts';
import { runRecord, temporaryFolder } from './fixtures.ts';

test('runs that go on when budgets come get a reservation for their plans, those at rest none', async () => {
  const file = join(temporaryFolder(), 'stint.db');
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  await migrate(db, file, { migrations: [initial, usage] });
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
