import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** What was answered to a question under a key, so that whoever asks again does nothing twice. */
export async function answers(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('answers')
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('question', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('answer', 'text')
    .addPrimaryKeyConstraint('answers_primary', ['caller', 'key'])
    .execute();
  await db.schema.createIndex('answers_by_time').on('answers').column('at').execute();
}
