import type { Kysely } from 'kysely';
import type { HistoryStore, RunHistory } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import { NEW_RUN } from '../run/state.ts';
import { reserveFor } from './budget-store.ts';
import { checkpointOf, checkpointRow } from './checkpoint-store.ts';
import { fromJson, toJson } from './json-column.ts';
import { recordFacts } from './ledger-store.ts';
import { eventsOf, keepState } from './run-states.ts';
import { insertRuns, keepClosed } from './run-store.ts';
import type { Database } from './schema.ts';
import { recordSteps } from './step-store.ts';

/** Rows a statement: four values each, below the 32,766 and 65,535 that SQLite and PostgreSQL bind. */
const ROWS_PER_INSERT = 1_000;

export function makeHistoryStore(db: Kysely<Database>): HistoryStore {
  return {
    of: (run) => historyOf(db, run),

    restore: (record, history, reserve) =>
      db.transaction().execute(async (transaction) => {
        const taken = await transaction
          .selectFrom('runs')
          .select('id')
          .where('id', '=', record.id)
          .executeTakeFirst();
        if (taken !== undefined) return false;
        await restore(transaction, record, history);
        if (reserve !== null)
          await reserveFor(transaction, record.id, reserve, history.events.at(-1)?.at ?? record.createdAt);
        return true;
      }),
  };
}

/** Its events first: what these follow from was recorded before them. */
async function historyOf(db: Kysely<Database>, run: string): Promise<RunHistory> {
  const events = await eventsOf(db, run);
  const facts = await db
    .selectFrom('ledger_facts')
    .select('body')
    .where('run', '=', run)
    .orderBy('at')
    .orderBy('key')
    .execute();
  const steps = await db
    .selectFrom('steps')
    .select(['attempt', 'step', 'at', 'loss', 'tokens', 'seconds'])
    .where('run', '=', run)
    .orderBy('attempt')
    .orderBy('step')
    .execute();
  const checkpoints = await db
    .selectFrom('checkpoints')
    .selectAll()
    .where('run', '=', run)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const evaluation = await db
    .selectFrom('evaluations')
    .select(['result', 'created_at', 'checkpoint'])
    .where('run', '=', run)
    .executeTakeFirst();
  return {
    events,
    facts: facts.map(({ body }) => fromJson(body)),
    steps,
    checkpoints: checkpoints.map(checkpointOf),
    evaluation: evaluation
      ? { result: fromJson(evaluation.result), at: evaluation.created_at, checkpoint: evaluation.checkpoint }
      : null,
  };
}

/** Call it in a transaction. @throws StintError `conflict` when another has recorded the run just now. */
async function restore(db: Kysely<Database>, record: RunRecord, history: RunHistory): Promise<void> {
  const { id } = record;
  const { events, facts, steps, checkpoints, evaluation } = history;
  await insertRuns(db, [record]);
  for (let start = 0; start < events.length; start += ROWS_PER_INSERT)
    await db
      .insertInto('run_events')
      .values(
        events
          .slice(start, start + ROWS_PER_INSERT)
          .map(({ seq, at, event }) => ({ run: id, seq, at, body: toJson(event) })),
      )
      .execute();
  const happened = events.map(({ event }) => event);
  if (events.length > 0) await keepState(db, id, { run: NEW_RUN, seq: 0 }, happened);
  await keepClosed(db, id, happened);
  await recordFacts(db, facts);
  await recordSteps(db, id, steps);
  for (const checkpoint of checkpoints)
    await db.insertInto('checkpoints').values(checkpointRow(checkpoint)).execute();
  if (evaluation === null) return;
  const { result, at, checkpoint } = evaluation;
  await db
    .insertInto('evaluations')
    .values({ run: id, result: toJson(result), created_at: at, checkpoint })
    .execute();
}
