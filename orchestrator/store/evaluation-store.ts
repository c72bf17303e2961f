import type { Kysely } from 'kysely';
import type { EvaluationStore } from '../ports/store.ts';
import { fromJson, toJson } from './json-column.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

export function makeEvaluationStore(db: Kysely<Database>): EvaluationStore {
  return {
    async record(run, result, at, checkpoint) {
      const row = { result: toJson(result), created_at: at, checkpoint };
      await db.transaction().execute(async (transaction) => {
        await requireRun(transaction, run);
        await transaction
          .insertInto('evaluations')
          .values({ run, ...row })
          .onConflict((known) => known.column('run').doUpdateSet(row))
          .execute();
      });
    },

    async find(run) {
      const row = await db
        .selectFrom('evaluations')
        .select('result')
        .where('run', '=', run)
        .executeTakeFirst();
      return row ? fromJson(row.result) : null;
    },

    async of(checkpoint) {
      const rows = await db
        .selectFrom('evaluations')
        .select(['run', 'result', 'created_at'])
        .where('checkpoint', '=', checkpoint)
        .orderBy('created_at')
        .orderBy('run')
        .execute();
      return rows.map(({ run, result, created_at: at }) => ({ run, result: fromJson(result), at }));
    },
  };
}
