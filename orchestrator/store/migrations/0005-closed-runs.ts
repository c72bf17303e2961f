import type { Kysely } from 'kysely';
import { fromJson } from '../json-column.ts';
import { closes } from '../run-closing.ts';
import type { Database } from '../schema.ts';

/** Every command looks for runs that were left behind: among thousands, only at those that are not done with. */
export async function closedRuns(db: Kysely<Database>): Promise<void> {
  await db.schema
    .alterTable('runs')
    .addColumn('closed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  for (const { id, profile } of await db.selectFrom('runs').select(['id', 'profile']).execute()) {
    const rows = await db
      .selectFrom('run_events')
      .select('body')
      .where('run', '=', id)
      .orderBy('seq')
      .execute();
    const outlives = fromJson(profile).backend?.kind === 'kubernetes';
    const closed = closes(
      rows.map(({ body }) => fromJson(body)),
      outlives,
    )
      ? 1
      : 0;
    await db.updateTable('runs').set({ closed }).where('id', '=', id).execute();
  }
  await db.schema.createIndex('runs_by_closed').on('runs').column('closed').execute();
}
