import type { Kysely, Selectable } from 'kysely';
import type { CheckpointStore } from '../ports/store.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import { fromJson, toJson } from './json-column.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

export function makeCheckpointStore(db: Kysely<Database>): CheckpointStore {
  const newestFirst = db.selectFrom('checkpoints').selectAll().orderBy('created_at', 'desc').orderBy('id');
  return {
    async register(checkpoint) {
      const { digest, run } = checkpoint;
      return db.transaction().execute(async (transaction) => {
        await requireRun(transaction, run);
        await transaction
          .insertInto('checkpoints')
          .values(checkpointRow(checkpoint))
          .onConflict((known) => known.columns(['run', 'digest']).doNothing())
          .execute();
        const kept = await transaction
          .selectFrom('checkpoints')
          .select('id')
          .where('run', '=', run)
          .where('digest', '=', digest)
          .executeTakeFirstOrThrow();
        return kept.id;
      });
    },

    async find(idOrDigest) {
      const row = await newestFirst
        .where((is) => is.or([is('id', '=', idOrDigest), is('digest', '=', idOrDigest)]))
        .limit(1)
        .executeTakeFirst();
      return row ? checkpointOf(row) : null;
    },

    async list({ run } = {}) {
      const query = run === undefined ? newestFirst : newestFirst.where('run', '=', run);
      return (await query.execute()).map(checkpointOf);
    },
  };
}

export const checkpointRow = ({
  id,
  digest,
  run,
  files,
  lineage,
  createdAt,
}: Checkpoint): Database['checkpoints'] => ({
  id,
  digest,
  run,
  files: toJson(files),
  lineage: toJson(lineage),
  created_at: createdAt,
});

export function checkpointOf(row: Selectable<Database['checkpoints']>): Checkpoint {
  return {
    id: row.id,
    digest: row.digest,
    run: row.run,
    files: fromJson(row.files),
    lineage: fromJson(row.lineage),
    createdAt: row.created_at,
  };
}
