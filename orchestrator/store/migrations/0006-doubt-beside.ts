import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** What is in doubt stands beside what was held, and is no part of it any more: all sums are made again. */
export async function doubtBeside(db: Kysely<Database>): Promise<void> {
  await db.deleteFrom('usage_heads').execute();
}
