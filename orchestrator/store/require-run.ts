import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';
import { unknownRun } from './store-error.ts';

/** @throws StintError `unknown-run`, which says more than the database's own refusal of a broken reference. */
export async function requireRun(db: Kysely<Database>, run: string): Promise<void> {
  await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', run)
    .executeTakeFirstOrThrow(() => unknownRun(run));
}
