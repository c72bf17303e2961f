import type { Kysely } from 'kysely';
import type { RunAt } from '../ports/store.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import { evolve, FOLD_VERSION, foldRun } from '../run/evolve.ts';
import { NEW_RUN, type Run } from '../run/state.ts';
import { fromJson, type Json, toJson } from './json-column.ts';
import type { Database } from './schema.ts';

interface Kept {
  readonly seq: number;
  readonly fold: number;
  readonly body: Json<Run>;
}

const NEW: RunAt = { run: NEW_RUN, seq: 0 };

export async function eventsOf(
  db: Kysely<Database>,
  run: string,
  after = 0,
): Promise<readonly RecordedEvent[]> {
  const rows = await db
    .selectFrom('run_events')
    .select(['seq', 'at', 'body'])
    .where('run', '=', run)
    .where('seq', '>', after)
    .orderBy('seq')
    .execute();
  return rows.map(({ seq, at, body }): RecordedEvent => ({ seq, at, event: fromJson(body) }));
}

/** As it is kept, or added up again where an earlier Stint, which added otherwise, has kept it. */
export async function asKept(db: Kysely<Database>, run: string, kept: Kept | null): Promise<RunAt> {
  // A state is kept with the first event.
  if (kept === null) return NEW;
  if (kept.fold === FOLD_VERSION) return { run: fromJson(kept.body), seq: kept.seq };
  const events = await eventsOf(db, run);
  return { run: foldRun(events), seq: events.at(-1)?.seq ?? 0 };
}

export async function stateOf(db: Kysely<Database>, run: string): Promise<RunAt> {
  const kept = await db
    .selectFrom('run_states')
    .select(['seq', 'fold', 'body'])
    .where('run', '=', run)
    .executeTakeFirst();
  return asKept(db, run, kept ?? null);
}

/** Keeps what the events after those that `before` adds up make of the run. Call it in the transaction that writes them. */
export async function keepState(
  db: Kysely<Database>,
  id: string,
  before: RunAt,
  events: readonly RunEvent[],
): Promise<void> {
  const run = events.reduce(evolve, before.run);
  const row = {
    seq: before.seq + events.length,
    fold: FOLD_VERSION,
    state: run.state.kind,
    body: toJson(run),
  };
  await db
    .insertInto('run_states')
    .values({ run: id, ...row })
    .onConflict((kept) => kept.column('run').doUpdateSet(row))
    .execute();
}
