import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** Where several machines share a store, a run of the local backend belongs to one of them. */
export async function hosts(db: Kysely<Database>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('host', 'text').execute();
}
