import type { Kysely } from 'kysely';
import type { AnswerStore } from '../ports/store.ts';
import type { Database } from './schema.ts';

/** Nobody asks again after as long. */
const KEPT_MILLISECONDS = 7 * 86_400_000;

export function makeAnswerStore(db: Kysely<Database>): AnswerStore {
  return {
    async begin({ caller, key, question, at }) {
      await db
        .deleteFrom('answers')
        .where('at', '<', at - KEPT_MILLISECONDS)
        .execute();
      const begun = await db
        .insertInto('answers')
        .values({ caller, key, question, at, answer: null })
        .onConflict((known) => known.doNothing())
        .returning('at')
        .execute();
      if (begun.length > 0) return { question, at, answer: null };
      const row = await db
        .selectFrom('answers')
        .select(['question', 'at', 'answer'])
        .where('caller', '=', caller)
        .where('key', '=', key)
        .executeTakeFirst();
      // Whoever was refused has just taken it away.
      return row ?? { question, at, answer: null };
    },

    async finish({ caller, key, answer }) {
      await db
        .updateTable('answers')
        .set({ answer })
        .where('caller', '=', caller)
        .where('key', '=', key)
        .execute();
    },

    async drop({ caller, key }) {
      await db.deleteFrom('answers').where('caller', '=', caller).where('key', '=', key).execute();
    },
  };
}
