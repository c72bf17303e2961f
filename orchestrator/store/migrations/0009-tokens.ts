import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** Who may ask a server: by what a token hashes to, so that whoever reads the store can use none. */
export async function tokens(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('team', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
}
