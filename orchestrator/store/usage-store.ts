import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { checkConservation } from '../ledger/conservation.ts';
import type { UsageDay } from '../ledger/usage-day.ts';
import type { UsageDimension, UsageSum } from '../ledger/usage-sum.ts';
import { USES } from '../ledger/use.ts';
import type { UsageQuery, UsageStore } from '../ports/store.ts';
import { PHASES } from '../wire/phase.ts';
import { fromJson } from './json-column.ts';
import type { Database } from './schema.ts';
import { isUsageStale } from './stale-usage.ts';
import {
  phaseColumn,
  phasesOf,
  USAGE_COLUMNS,
  type UsageColumns,
  useColumn,
  usesOf,
} from './usage-columns.ts';

/** Rows a statement: 35 values each, below the 32,766 and 65,535 that SQLite and PostgreSQL bind. */
const ROWS_PER_INSERT = 500;

const DIMENSION_COLUMNS = {
  run: 'usage_days.run',
  stage: 'usage_days.stage',
  node: 'usage_days.node',
  recipe: 'runs.name',
  project: 'runs.project',
  team: 'runs.team',
  costCenter: 'runs.cost_center',
} as const satisfies Record<UsageDimension, string>;

export function makeUsageStore(db: Kysely<Database>): UsageStore {
  return {
    async stale() {
      return db
        .selectFrom('ledger_heads')
        .select(['run', 'version'])
        .where(isUsageStale)
        .orderBy('run')
        .execute();
    },

    async replace(usage) {
      await db.transaction().execute(async (transaction) => {
        for (const { run, version, days } of usage) {
          const goesOn = days.some(({ end }) => end === 'open');
          await transaction.deleteFrom('usage_days').where('run', '=', run).execute();
          for (let start = 0; start < days.length; start += ROWS_PER_INSERT)
            await transaction
              .insertInto('usage_days')
              .values(days.slice(start, start + ROWS_PER_INSERT).map(rowOf))
              .execute();
          await transaction
            .updateTable('ledger_heads')
            .set({ summed: goesOn ? 0 : version })
            .where('run', '=', run)
            .execute();
        }
      });
    },

    async days(runs) {
      if (runs.length === 0) return [];
      const rows = await db
        .selectFrom('usage_days')
        .selectAll()
        .where('run', 'in', runs)
        .orderBy('run')
        .orderBy('pod')
        .orderBy('day')
        .execute();
      return rows.map(dayOfRow);
    },

    async sum(query) {
      const rows = await sums(db, query).execute();
      return rows.map((row) => sumOf(row as unknown as SumRow, query.by));
    },
  };
}

function sums(db: Kysely<Database>, { by, since, until, runs, except }: UsageQuery) {
  const priceColumns = ['device_model', 'capacity', 'region', 'day'] as const;
  let query = db
    .selectFrom('usage_days')
    .leftJoin('runs', 'runs.id', 'usage_days.run')
    .select([...priceColumns, 'runs.price'])
    .select(by.map((dimension) => sql.ref(DIMENSION_COLUMNS[dimension]).as(`by_${dimension}`)))
    .select(['held', 'doubtful', ...USAGE_COLUMNS].map((column) => total(column).as(column)))
    .groupBy([...priceColumns, 'runs.price', ...by.map((dimension) => DIMENSION_COLUMNS[dimension])]);
  if (since !== undefined) query = query.where('day', '>=', since);
  if (until !== undefined) query = query.where('day', '<', until);
  if (runs !== undefined) query = query.where('usage_days.run', 'in', runs);
  if (except !== undefined && except.length > 0) query = query.where('usage_days.run', 'not in', except);
  return query as SelectQueryBuilder<Database, 'usage_days', unknown>;
}

/** PostgreSQL adds whole numbers up to a decimal. */
const total = (column: string) => sql<number>`cast(sum(${sql.ref(column)}) as bigint)`;

interface SumRow extends UsageColumns, Readonly<Record<string, unknown>> {
  readonly held: number;
  readonly doubtful: number;
  readonly device_model: string;
  readonly capacity: UsageSum['capacity'];
  readonly region: string | null;
  readonly day: number;
  readonly price: string | null;
}

function sumOf(row: SumRow, by: readonly UsageDimension[]): UsageSum {
  const key = Object.fromEntries(by.map((dimension) => [dimension, row[`by_${dimension}`] as string | null]));
  const where = `pods of ${Object.values(key).join(', ') || 'all runs'} on day ${row.day}`;
  checkConservation(
    PHASES.map((phase) => row[phaseColumn(phase)]),
    row.held,
    `${where} by phase`,
  );
  checkConservation(
    USES.map((use) => row[useColumn(use)]),
    row.held,
    `${where} by use`,
  );
  return {
    key,
    deviceModel: row.device_model,
    capacity: row.capacity,
    region: row.region,
    day: row.day,
    listedPrice: row.price === null ? null : fromJson(row.price),
    gpuMilliseconds: row.held,
    doubtfulMilliseconds: row.doubtful,
    phases: phasesOf(row),
    uses: usesOf(row),
  };
}

function dayOfRow(row: Selectable<Database['usage_days']>): UsageDay {
  return {
    run: row.run,
    pod: row.pod,
    day: row.day,
    stage: row.stage,
    attempt: row.attempt,
    node: row.node,
    deviceModel: row.device_model,
    devices: row.devices,
    capacity: row.capacity,
    region: row.region,
    end: row.ending,
    from: row.from_at,
    to: row.to_at,
    gpuMilliseconds: row.held,
    doubtfulMilliseconds: row.doubtful,
    phases: phasesOf(row),
    uses: usesOf(row),
  };
}

function rowOf(usage: UsageDay): Database['usage_days'] {
  const columns = [
    ...PHASES.map((phase) => [phaseColumn(phase), usage.phases[phase] ?? 0] as const),
    ...USES.map((use) => [useColumn(use), usage.uses[use] ?? 0] as const),
  ];
  return {
    run: usage.run,
    pod: usage.pod,
    day: usage.day,
    stage: usage.stage,
    attempt: usage.attempt,
    node: usage.node,
    device_model: usage.deviceModel,
    devices: usage.devices,
    capacity: usage.capacity,
    region: usage.region,
    ending: usage.end,
    from_at: usage.from,
    to_at: usage.to,
    held: usage.gpuMilliseconds,
    doubtful: usage.doubtfulMilliseconds,
    ...(Object.fromEntries(columns) as UsageColumns),
  };
}
