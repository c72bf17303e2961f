import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** One heartbeat a process, and not one a run: whoever attends ten thousand writes one row a second. */
export async function attendants(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('attendants')
    .addColumn('owner', 'text', (column) => column.primaryKey())
    .addColumn('host', 'text')
    .addColumn('pid', 'bigint', (column) => column.notNull())
    .addColumn('heartbeat_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('leases_by_owner').on('leases').column('owner').execute();
}
