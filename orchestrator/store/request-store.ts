import type { Kysely } from 'kysely';
import type { RequestStore } from '../ports/store.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

export function makeRequestStore(db: Kysely<Database>): RequestStore {
  return {
    async ask(run, kind, at) {
      await requireRun(db, run);
      await db
        .insertInto('requests')
        .values({ run, kind, at })
        .onConflict((asked) => asked.doNothing())
        .execute();
    },

    async askedAt(run, kind) {
      const row = await db
        .selectFrom('requests')
        .select('at')
        .where('run', '=', run)
        .where('kind', '=', kind)
        .executeTakeFirst();
      return row?.at ?? null;
    },

    async withdraw(run, kind) {
      await db.deleteFrom('requests').where('run', '=', run).where('kind', '=', kind).execute();
    },
  };
}
