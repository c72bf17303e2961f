import type { Kysely } from 'kysely';
import type { ReportStore } from '../ports/store.ts';
import { fromJson, toJson } from './json-column.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

export function makeReportStore(db: Kysely<Database>): ReportStore {
  return {
    async keep(run, { at, status }) {
      await requireRun(db, run);
      const said = { at, status: toJson(status) };
      await db
        .insertInto('reports')
        .values({ run, ...said })
        .onConflict((known) => known.column('run').doUpdateSet(said))
        .execute();
    },

    async find(run) {
      const row = await db
        .selectFrom('reports')
        .select(['at', 'status'])
        .where('run', '=', run)
        .executeTakeFirst();
      return row === undefined ? null : { at: row.at, status: fromJson(row.status) };
    },
  };
}
