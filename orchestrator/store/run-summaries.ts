import type { Kysely } from 'kysely';
import type { RunSummary, SummaryQuery } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import { asKept } from './run-states.ts';
import type { Database } from './schema.ts';

/** Newest first. Neither recipes nor plans nor events are read. */
export async function summariesOf(
  db: Kysely<Database>,
  { ablation, cluster, team, state, closed, after, limit }: SummaryQuery,
): Promise<readonly RunSummary[]> {
  let query = db
    .selectFrom('runs')
    .leftJoin('run_states', 'run_states.run', 'runs.id')
    .select(['id', 'name', 'arm', 'ablation_id', 'ablation_name', 'created_at', 'cluster', 'team', 'closed'])
    .select(['seq', 'fold', 'body']);
  if (ablation !== undefined) query = query.where('ablation_id', '=', ablation);
  if (cluster !== undefined) query = query.where('cluster', '=', cluster);
  if (team !== undefined) query = query.where('team', '=', team);
  if (closed !== undefined) query = query.where('closed', '=', closed ? 1 : 0);
  // A run without an event has no state kept: it is queued.
  if (state !== undefined)
    query = query.where((where) => where.fn.coalesce('run_states.state', where.val('queued')), '=', state);
  if (after !== undefined)
    query = query.where((where) =>
      where.or([
        where('created_at', '<', after.createdAt),
        where.and([where('created_at', '=', after.createdAt), where('id', '<', after.id)]),
      ]),
    );
  query = query.orderBy('created_at', 'desc').orderBy('id', 'desc');
  const rows = await (limit === undefined ? query : query.limit(limit)).execute();
  return Promise.all(rows.map((row) => summaryOf(db, row)));
}

/** How many runs there are in each state. One without an event has no row of its state yet: it is queued. */
export async function countsOf(
  db: Kysely<Database>,
): Promise<ReadonlyMap<RunSummary['run']['state']['kind'], number>> {
  const rows = await db
    .selectFrom('runs')
    .leftJoin('run_states', 'run_states.run', 'runs.id')
    .select((select) => [
      select.fn.coalesce('run_states.state', select.val<'queued'>('queued')).as('state'),
      select.fn.countAll<number>().as('count'),
    ])
    .groupBy('run_states.state')
    .execute();
  const counts = new Map<RunSummary['run']['state']['kind'], number>();
  for (const { state, count } of rows) counts.set(state, (counts.get(state) ?? 0) + count);
  return counts;
}

/** Of all whose id begins so, or whose ablation has this id. */
export async function runsNamed(
  db: Kysely<Database>,
  reference: string,
): Promise<readonly Pick<RunSummary, 'id' | 'ablation' | 'team'>[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'ablation_id', 'ablation_name', 'team'])
    .where((where) =>
      where.or([
        where('ablation_id', '=', reference),
        // No `like`: what is written as a part of an id is no pattern.
        where(
          where.fn('substr', ['id', where.val(1), where.val(Array.from(reference).length)]),
          '=',
          reference,
        ),
      ]),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({ id: row.id, ablation: ablationOf(row), team: row.team }));
}

export const ablationOf = (
  row: Pick<Database['runs'], 'ablation_id' | 'ablation_name'>,
): RunRecord['ablation'] =>
  row.ablation_id === null ? null : { id: row.ablation_id, name: row.ablation_name ?? '' };

type Columns =
  | 'id'
  | 'name'
  | 'arm'
  | 'ablation_id'
  | 'ablation_name'
  | 'created_at'
  | 'cluster'
  | 'team'
  | 'closed';
type Row = Pick<Database['runs'], Columns> & {
  readonly [Column in 'seq' | 'fold' | 'body']: Database['run_states'][Column] | null;
};

async function summaryOf(db: Kysely<Database>, row: Row): Promise<RunSummary> {
  const { seq, fold, body } = row;
  const kept = seq === null || fold === null || body === null ? null : { seq, fold, body };
  return {
    id: row.id,
    name: row.name,
    arm: row.arm,
    ablation: ablationOf(row),
    createdAt: row.created_at,
    cluster: row.cluster,
    team: row.team,
    closed: row.closed === 1,
    ...(await asKept(db, row.id, kept)),
  };
}
