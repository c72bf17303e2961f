import { type Kysely, sql } from 'kysely';
import { USES } from '../../ledger/use.ts';
import { PHASES } from '../../wire/phase.ts';
import { fromJson, toJson } from '../json-column.ts';
import type { Database } from '../schema.ts';
import { phaseColumn, useColumn } from '../usage-columns.ts';

/** Sums of held time: columns to group runs by, and what each pod held on each day, kept beside the facts it follows from. */
export async function usage(db: Kysely<Database>): Promise<void> {
  for (const column of ['team', 'project', 'cost_center', 'price'])
    await db.schema.alterTable('runs').addColumn(column, 'text').execute();
  const runs = await db.selectFrom('runs').select(['id', 'recipe', 'profile']).execute();
  for (const { id, recipe, profile } of runs) {
    const { team = null, project = null, costCenter = null } = fromJson(recipe);
    const price = toJson(fromJson(profile).price);
    await db
      .updateTable('runs')
      .set({ team, project, cost_center: costCenter, price })
      .where('id', '=', id)
      .execute();
  }

  await db.schema
    .createTable('ledger_heads')
    .addColumn('run', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .execute();
  await sql`insert into ledger_heads (run, version) select distinct run, 1 from ledger_facts`.execute(db);

  await db.schema
    .createTable('usage_heads')
    .addColumn('run', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('open', 'integer', (column) => column.notNull())
    .execute();

  let table = db.schema
    .createTable('usage_days')
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('pod', 'text', (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('device_model', 'text', (column) => column.notNull())
    .addColumn('devices', 'integer', (column) => column.notNull())
    .addColumn('capacity', 'text', (column) => column.notNull())
    .addColumn('region', 'text')
    .addColumn('ending', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint', (column) => column.notNull())
    .addColumn('held', 'bigint', (column) => column.notNull())
    .addColumn('doubtful', 'bigint', (column) => column.notNull());
  for (const column of [...PHASES.map(phaseColumn), ...USES.map(useColumn)])
    table = table.addColumn(column, 'bigint', (each) => each.notNull());
  await table.addPrimaryKeyConstraint('usage_days_key', ['run', 'pod', 'day']).execute();
  await db.schema.createIndex('usage_days_by_day').on('usage_days').column('day').execute();
}
