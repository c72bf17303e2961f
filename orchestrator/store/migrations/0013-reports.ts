import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** The last that the trainer of a run has said, and tokens by which it may. */
export async function reports(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('reports')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('tokens').addColumn('run', 'text').execute();
}
