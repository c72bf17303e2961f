import type { Kysely } from 'kysely';
import { gpuMillisecondsOf } from '../../units/gpu-hours.ts';
import { fromJson, toJson } from '../json-column.ts';
import type { Database } from '../schema.ts';

/** Budgets, and what the runs that go on have reserved of them. */
export async function budgets(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('budget_books')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('budgets', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
  await db
    .insertInto('budget_books')
    .values({ id: 1, version: 0, budgets: toJson([]), applied_at: 0 })
    .execute();

  await db.schema
    .createTable('reservations')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('gpu_ms', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema.createIndex('reservations_by_end').on('reservations').column('ended_at').execute();
  await reserveForRunsThatGoOn(db);

  for (const column of ['team', 'project'] as const)
    await db.schema.createIndex(`runs_by_${column}`).on('runs').column(column).execute();
}

/** They were launched before anything was reserved. */
async function reserveForRunsThatGoOn(db: Kysely<Database>): Promise<void> {
  for (const { id, plan, created_at: at } of await db
    .selectFrom('runs')
    .select(['id', 'plan', 'created_at'])
    .execute()) {
    const rows = await db
      .selectFrom('run_events')
      .select('body')
      .where('run', '=', id)
      .orderBy('seq')
      .execute();
    const last = rows.map(({ body }) => fromJson(body).type).findLast((type) => type !== 'released');
    const isAtRest = last !== undefined && ['interrupted', 'failed', 'stopped', 'succeeded'].includes(last);
    const gpuMilliseconds = gpuMillisecondsOf(fromJson(plan).gpuHours.high);
    const reservation = { run: id, gpu_ms: gpuMilliseconds, at, ended_at: isAtRest ? at : null };
    await db.insertInto('reservations').values(reservation).execute();
  }
}
