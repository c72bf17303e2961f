import type { Kysely } from 'kysely';
import { NEW_RUN } from '../../run/state.ts';
import { fromJson } from '../json-column.ts';
import { eventsOf, keepState } from '../run-states.ts';
import type { Database } from '../schema.ts';

/** Whoever lists thousands of runs reads what their events add up to, and neither the events nor the plans. */
export async function runStates(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('run_states')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('fold', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .alterTable('runs')
    .addColumn('cluster', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  for (const { id } of await db.selectFrom('runs').select('id').execute()) {
    const { profile } = await db
      .selectFrom('runs')
      .select('profile')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await db
      .updateTable('runs')
      .set({ cluster: fromJson(profile).name })
      .where('id', '=', id)
      .execute();
    const events = await eventsOf(db, id);
    await keepState(
      db,
      id,
      { run: NEW_RUN, seq: 0 },
      events.map(({ event }) => event),
    );
  }
  await db.schema.createIndex('runs_newest_first').on('runs').columns(['created_at', 'id']).execute();
}
