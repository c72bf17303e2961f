import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** Several runs may evaluate one checkpoint; their results are found by its digest. */
export async function evaluatedCheckpoints(db: Kysely<Database>): Promise<void> {
  await db.schema.alterTable('evaluations').addColumn('checkpoint', 'text').execute();
  await db
    .updateTable('evaluations')
    .set((select) => ({
      checkpoint: select
        .selectFrom('checkpoints')
        .select('checkpoints.digest')
        .whereRef('checkpoints.run', '=', 'evaluations.run')
        .orderBy('checkpoints.created_at', 'desc')
        .limit(1),
    }))
    .execute();
  await db.schema
    .createIndex('evaluations_of_checkpoint')
    .on('evaluations')
    .columns(['checkpoint', 'created_at'])
    .execute();
}
