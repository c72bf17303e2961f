import { type Expression, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import {
  type BudgetBook,
  covers,
  type DayUse,
  periodOf,
  type Reservation,
  type Scope,
} from '../budget/book.ts';
import type { Budget } from '../budget/budgets.ts';
import { StintError } from '../errors/stint-error.ts';
import type { BudgetStore } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import { fromJson, sharedJson, toJson } from './json-column.ts';
import { ownersOf, type ReservationOwner } from './reservation-owners.ts';
import { appendEvents, insertRuns } from './run-store.ts';
import type { Database } from './schema.ts';
import { isUsageStale } from './stale-usage.ts';

/** Many runs are priced alike. */
const priceIn = sharedJson<NonNullable<RunRecord['profile']['price']>>(1_000);
const pricingIn = sharedJson<ReservationOwner['pricing']>(1_000);

/** Always as many, so that all are asked for by one statement, which stays prepared. */
const RUNS_AT_ONCE = 100;

export function makeBudgetStore(db: Kysely<Database>): BudgetStore {
  return {
    async apply(budgets, at) {
      return db.transaction().execute(async (transaction) => {
        await takeTurn(transaction);
        const before = await readBudgets(transaction);
        await transaction
          .updateTable('budget_books')
          .set({ budgets: toJson(budgets), applied_at: at })
          .execute();
        return before;
      });
    },

    list: () => readBudgets(db),

    book: (now, scope) => readBook(db, now, scope),

    async admit({ create, resume, reserve, at }, judge) {
      await db.transaction().execute(async (transaction) => {
        await takeTurn(transaction);
        const problems = judge(await readBook(transaction, at));
        if (problems.length > 0) throw new StintError(problems);
        await insertRuns(transaction, create);
        for (const { run, after, events } of resume) await appendEvents(transaction, run, after, at, events);
        const begin = new Set([...create.map(({ id }) => id), ...resume.map(({ run }) => run)]);
        for (const { run, gpuMilliseconds } of reserve) {
          if (begin.has(run)) await reserveFor(transaction, run, gpuMilliseconds, at);
          else await changeReservation(transaction, run, gpuMilliseconds);
        }
      });
    },
  };
}

/** Call it in a transaction, after the run is recorded. */
export async function reserveFor(
  db: Kysely<Database>,
  run: string,
  gpuMilliseconds: number,
  at: number,
): Promise<void> {
  const owner = (await ownersOf(db, [run])).get(run);
  if (owner === undefined) throw new Error(`${run} reserves before it is recorded`);
  const { pricing, ...scope } = owner;
  const row = { gpu_ms: gpuMilliseconds, at, ended_at: null, ...scope, pricing: toJson(pricing) };
  await db
    .insertInto('reservations')
    .values({ run, ...row })
    .onConflict((known) => known.column('run').doUpdateSet(row))
    .execute();
}

/** Whoever changes it may be late: of a run that another process has brought to rest meanwhile it stays ended. */
async function changeReservation(db: Kysely<Database>, run: string, gpuMilliseconds: number): Promise<void> {
  await db.updateTable('reservations').set({ gpu_ms: gpuMilliseconds }).where('run', '=', run).execute();
}

/**
 * Ends when no other transaction judges: this one then reads what that one has reserved. PostgreSQL holds the row until
 * the end of the transaction; SQLite has but one that writes.
 */
async function takeTurn(db: Kysely<Database>): Promise<void> {
  await db
    .updateTable('budget_books')
    .set((is) => ({ version: is('version', '+', 1) }))
    .execute();
}

async function readBudgets(db: Kysely<Database>): Promise<readonly Budget[]> {
  const { budgets } = await db.selectFrom('budget_books').select('budgets').executeTakeFirstOrThrow();
  return fromJson(budgets);
}

/**
 * Its reads stand in an order in which nothing is missed, also where each statement sees what was committed by then. A
 * run's last facts are recorded before the event that brings it to rest. So a run without a reservation in the first read
 * was at rest, and its usage was summed up to facts that included the last; the second read finds that usage or a newer
 * one. Read the other way round, a run that ends in between would count with neither. One that starts in between waits
 * for its turn, or is as if it had come later.
 */
async function readBook(db: Kysely<Database>, now: number, scope?: Scope): Promise<BudgetBook> {
  const budgets = (await readBudgets(db)).filter((budget) => scope === undefined || covers(budget, scope));
  if (budgets.length === 0) return { budgets, reservations: [], uses: [] };
  const reservations = await readReservations(db, budgets);
  return { budgets, reservations, uses: await readUses(db, budgets, reservations, now) };
}

const rowsOf = expressionBuilder<Database, 'runs' | 'reservations'>();

/** `covers`, asked of rows. */
const isCovered = (table: 'runs' | 'reservations', { team, project = '' }: Budget) =>
  team === undefined ? rowsOf(`${table}.project`, '=', project) : rowsOf(`${table}.team`, '=', team);

/**
 * Of the runs that one of the budgets covers: of those that go on, and of those at rest whose usage is not summed up. One
 * statement reads both, so that a run which comes to rest meanwhile is in one of them.
 */
async function readReservations(
  db: Kysely<Database>,
  budgets: readonly Budget[],
): Promise<readonly Reservation[]> {
  const columns = ['reservations.run', 'gpu_ms', 'team', 'project', 'pricing'] as const;
  // An earlier Stint that ends its work beside this one does not write who answers for what it reserves.
  const mayCount = rowsOf.or([
    rowsOf('pricing', 'is', null),
    ...budgets.map((budget) => isCovered('reservations', budget)),
  ]);
  const rows = await db
    .selectFrom('reservations')
    .select(columns)
    .where('ended_at', 'is', null)
    .where(mayCount)
    .unionAll(
      db
        .selectFrom('ledger_heads')
        .innerJoin('reservations', 'reservations.run', 'ledger_heads.run')
        .select(columns)
        .where(isUsageStale)
        .where('ended_at', 'is not', null)
        .where(mayCount),
    )
    .orderBy('run')
    .execute();
  const owners = await ownersOf(
    db,
    rows.flatMap(({ run, pricing }) => (pricing === null ? [run] : [])),
  );
  return rows
    .map(({ run, gpu_ms, pricing, ...scope }) => {
      const owner = pricing === null ? owners.get(run) : { ...scope, pricing: pricingIn(pricing) };
      if (owner === undefined) throw new Error(`the reservation of ${run} belongs to no run`);
      const { team, project } = owner;
      return { run, team, project, gpuMilliseconds: gpu_ms, ...owner.pricing };
    })
    .filter((reservation) => budgets.some((budget) => covers(budget, reservation)));
}

/**
 * Since the period of each budget began; of runs with a reservation all, because it is for all that they hold. What changes
 * between two reads counts as the later one found it.
 */
async function readUses(
  db: Kysely<Database>,
  budgets: readonly Budget[],
  reservations: readonly Reservation[],
  now: number,
): Promise<readonly DayUse[]> {
  const read = new Map<string, DayUse>();
  const keep = (uses: readonly DayUse[]) => {
    for (const use of uses) {
      const { run, day, deviceModel, capacity, region } = use;
      read.set(`${run} ${day} ${deviceModel} ${capacity} ${region}`, use);
    }
  };
  for (let start = 0; start < reservations.length; start += RUNS_AT_ONCE) {
    const open = Array.from({ length: RUNS_AT_ONCE }, (_, index) => reservations[start + index]?.run ?? '');
    keep(await usesWhere(db, usageDays('run', 'in', open)));
  }
  for (const budget of budgets) {
    const period = periodOf(budget, now);
    if (period === null) continue;
    const since = usageDays('day', '>=', period.since);
    const covered = db.selectFrom('runs').select('id').where(isCovered('runs', budget));
    // The shorter way: from the days of a month to their runs, or from the runs of a whole history to their days.
    const uses =
      period.since > 0
        ? await usesWhere(db, since, isCovered('runs', budget))
        : await usesWhere(db, usageDays('run', 'in', covered));
    keep(uses);
  }
  return [...read.values()];
}

const usageDays = expressionBuilder<Database, 'usage_days'>();

async function usesWhere(
  db: Kysely<Database>,
  these: Expression<SqlBool>,
  ofRuns?: Expression<SqlBool>,
): Promise<readonly DayUse[]> {
  const groups = ['run', 'device_model', 'capacity', 'region', 'day'] as const;
  // Summed up before runs are joined, so that each is looked up once.
  const sums = db
    .selectFrom('usage_days')
    .select(groups)
    .select(sql<number>`cast(sum(held) as bigint)`.as('held'))
    .where(these)
    .groupBy(groups)
    .as('sums');
  let query = db
    .selectFrom(sums)
    .innerJoin('runs', 'runs.id', 'sums.run')
    .select(['sums.run', 'team', 'project', 'device_model', 'capacity', 'region', 'day', 'price', 'held']);
  if (ofRuns !== undefined) query = query.where(ofRuns);
  const rows = await query.execute();
  return rows.map(({ run, team, project, device_model, capacity, region, day, price, held }) => ({
    run,
    team,
    project,
    deviceModel: device_model,
    capacity,
    region,
    day,
    listedPrice: price === null ? null : (priceIn(price) ?? null),
    gpuMilliseconds: held,
  }));
}
