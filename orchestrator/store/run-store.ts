import type { Kysely, Selectable } from 'kysely';
import type { RunStore } from '../ports/store.ts';
import { asFineTune } from '../recipe/run-recipe.ts';
import { endsRun, type RecordedEvent, type RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import { fromJson, sharedJson, toJson } from './json-column.ts';
import { requireRun } from './require-run.ts';
import { closes } from './run-closing.ts';
import { eventsOf, keepState, stateOf } from './run-states.ts';
import { ablationOf, countsOf, runsNamed, summariesOf } from './run-summaries.ts';
import type { Database } from './schema.ts';
import { conflict } from './store-error.ts';

/** A store has many runs on few clusters. */
export const profileOf = sharedJson<RunRecord['profile']>(100);

export function makeRunStore(db: Kysely<Database>): RunStore {
  return {
    async create(runs) {
      await db.transaction().execute((transaction) => insertRuns(transaction, runs));
    },

    async find(id) {
      const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async list({ ablation, open } = {}) {
      let query = db.selectFrom('runs').selectAll();
      if (open) query = query.where('closed', '=', 0);
      if (ablation !== undefined) query = query.where('ablation_id', '=', ablation);
      const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
      return rows.map(recordOf);
    },

    summaries: (query = {}) => summariesOf(db, query),

    counts: () => countsOf(db),

    named: (reference) => runsNamed(db, reference),

    state: (run) => stateOf(db, run),

    async append(run, after, at, events) {
      if (events.length === 0) return [];
      return db.transaction().execute(async (transaction) => {
        const recorded = await appendEvents(transaction, run, after, at, events);
        if (events.some(endsRun)) await endReservation(transaction, run, at);
        return recorded;
      });
    },

    async measured() {
      const rows = await db
        .selectFrom('run_events')
        .innerJoin('runs', 'runs.id', 'run_events.run')
        .select(['recipe', 'profile', 'body'])
        // As `toJson` writes it: an index for an event of each run would cost more than this look through them.
        .where('body', 'like', '{"type":"prediction-measured"%')
        .orderBy('run_events.run')
        .execute();
      return rows.flatMap(({ recipe, profile, body }) => {
        const event = fromJson(body);
        if (event.type !== 'prediction-measured') return [];
        const { predicted, actual } = event;
        // Only training is predicted.
        return [{ recipe: asFineTune(fromJson(recipe)), profile: fromJson(profile), predicted, actual }];
      });
    },

    async events(run, after = 0) {
      return eventsOf(db, run, after);
    },
  };
}

/** Call it in a transaction. @throws StintError `conflict`. */
export async function insertRuns(db: Kysely<Database>, runs: readonly RunRecord[]): Promise<void> {
  if (runs.length === 0) return;
  const created = await db
    .insertInto('runs')
    .values(runs.map(rowOf))
    .onConflict((id) => id.doNothing())
    .returning('id')
    .execute();
  if (created.length === runs.length) return;
  const taken = runs.filter(({ id }) => !created.some((row) => row.id === id));
  const ids = (taken.length > 0 ? taken : runs).map(({ id }) => id).join(', ');
  throw conflict(`a run of the id ${ids} is recorded already`, ids);
}

/** Call it in a transaction. @throws StintError `unknown-run`, `conflict`. */
export async function appendEvents(
  db: Kysely<Database>,
  run: string,
  after: number,
  at: number,
  events: readonly RunEvent[],
): Promise<readonly RecordedEvent[]> {
  const recorded = events.map((event, index) => ({ seq: after + 1 + index, at, event }));
  await requireRun(db, run);
  const before = await stateOf(db, run);
  const last = before.seq;
  // Where transactions run side by side, two may see the same last event; the primary key lets one through.
  const written =
    last === after
      ? await db
          .insertInto('run_events')
          .values(recorded.map(({ seq, event }) => ({ run, seq, at, body: toJson(event) })))
          .onConflict((taken) => taken.doNothing())
          .returning('seq')
          .execute()
      : [];
  if (written.length < recorded.length)
    throw conflict(`the run has changed: its last event is number ${last}, not ${after}`, run);
  await keepState(db, run, before, events);
  await keepClosed(db, run, events);
  return recorded;
}

export async function keepClosed(
  db: Kysely<Database>,
  run: string,
  events: readonly RunEvent[],
): Promise<void> {
  // Most events change nothing of it, whatever the backend is.
  if (closes(events, false) === undefined) return;
  const { profile } = await db
    .selectFrom('runs')
    .select('profile')
    .where('id', '=', run)
    .executeTakeFirstOrThrow();
  const closed = closes(events, fromJson(profile).backend?.kind === 'kubernetes') ? 1 : 0;
  await db.updateTable('runs').set({ closed }).where('id', '=', run).execute();
}

/** With the event that brings the run to rest, so that no crash comes between. */
async function endReservation(db: Kysely<Database>, run: string, at: number): Promise<void> {
  await db.updateTable('reservations').set({ ended_at: at }).where('run', '=', run).execute();
}

function rowOf(record: RunRecord): Database['runs'] {
  return {
    id: record.id,
    name: record.name,
    arm: record.arm,
    ablation_id: record.ablation?.id ?? null,
    ablation_name: record.ablation?.name ?? null,
    factor: record.factor?.path ?? null,
    factor_value: record.factor ? toJson(record.factor.value) : null,
    recipe: toJson(record.recipe),
    recipe_digest: record.recipeDigest,
    profile: toJson(record.profile),
    plan: toJson(record.plan),
    created_at: record.createdAt,
    team: record.recipe.team ?? null,
    project: record.recipe.project ?? null,
    cost_center: record.recipe.costCenter ?? null,
    price: record.profile.price ? toJson(record.profile.price) : null,
    host: record.host,
    closed: 0,
    cluster: record.profile.name,
  };
}

function recordOf(row: Selectable<Database['runs']>): RunRecord {
  return {
    id: row.id,
    name: row.name,
    arm: row.arm,
    ablation: ablationOf(row),
    factor: row.factor === null ? null : { path: row.factor, value: fromJson(row.factor_value ?? 'null') },
    recipe: fromJson(row.recipe),
    recipeDigest: row.recipe_digest,
    profile: profileOf(row.profile),
    plan: fromJson(row.plan),
    createdAt: row.created_at,
    host: row.host,
  };
}
