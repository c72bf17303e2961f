import type { Kysely } from 'kysely';
import type { StepRecord, StepStore } from '../ports/store.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

/** Rows a statement: seven values each, below the 32,766 and 65,535 that SQLite and PostgreSQL bind. */
const ROWS_PER_INSERT = 1_000;

export function makeStepStore(db: Kysely<Database>): StepStore {
  return {
    async record(run, steps) {
      if (steps.length === 0) return;
      await db.transaction().execute((transaction) => recordSteps(transaction, run, steps));
    },

    async curve(run) {
      const rows = await db
        .selectFrom('steps')
        .select(['attempt', 'step', 'at', 'loss', 'tokens', 'seconds'])
        .where('run', '=', run)
        .orderBy('step')
        .orderBy('attempt', 'desc')
        .execute();
      return rows.filter((row, index) => row.step !== rows[index - 1]?.step);
    },

    async reached(run) {
      const row = await db
        .selectFrom('steps')
        .select((select) => select.fn.max('step').as('step'))
        .where('run', '=', run)
        .executeTakeFirst();
      return row?.step ?? 0;
    },
  };
}

/** Call it in a transaction. @throws StintError `unknown-run`. */
export async function recordSteps(
  db: Kysely<Database>,
  run: string,
  steps: readonly StepRecord[],
): Promise<void> {
  await requireRun(db, run);
  for (let start = 0; start < steps.length; start += ROWS_PER_INSERT)
    await db
      .insertInto('steps')
      .values(steps.slice(start, start + ROWS_PER_INSERT).map((step) => ({ run, ...step })))
      .onConflict((known) => known.columns(['run', 'step', 'attempt']).doNothing())
      .execute();
}
