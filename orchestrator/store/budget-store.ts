import { expressionBuilder, type Kysely, sql } from 'kysely';
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
import { pricingOf } from '../ledger/pricing.ts';
import type { BudgetStore } from '../ports/store.ts';
import { fromJson, toJson } from './json-column.ts';
import { appendEvents, insertRuns, profileOf } from './run-store.ts';
import type { Database } from './schema.ts';
import { isUsageStale } from './stale-usage.ts';

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

/** Call it in a transaction. */
export async function reserveFor(
  db: Kysely<Database>,
  run: string,
  gpuMilliseconds: number,
  at: number,
): Promise<void> {
  const row = { gpu_ms: gpuMilliseconds, at, ended_at: null };
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

const runs = expressionBuilder<Database, 'runs'>();

/** `covers`, asked of rows. */
const isCovered = ({ team, project = '' }: Budget) =>
  team === undefined ? runs('runs.project', '=', project) : runs('runs.team', '=', team);

/** Of the runs that one of the budgets covers. */
async function readReservations(
  db: Kysely<Database>,
  budgets: readonly Budget[],
): Promise<readonly Reservation[]> {
  const rows = await db
    .selectFrom('reservations')
    .innerJoin('runs', 'runs.id', 'reservations.run')
    .leftJoin('ledger_heads', 'ledger_heads.run', 'reservations.run')
    .leftJoin('usage_heads', 'usage_heads.run', 'reservations.run')
    .select(['runs.id', 'gpu_ms', 'team', 'project', 'profile'])
    .where((is) =>
      is.or([is('ended_at', 'is', null), is.and([is('ledger_heads.version', 'is not', null), isUsageStale])]),
    )
    .where(runs.or(budgets.map(isCovered)))
    .orderBy('runs.id')
    .execute();
  return rows.map(({ id, gpu_ms, team, project, profile }) => ({
    run: id,
    team,
    project,
    gpuMilliseconds: gpu_ms,
    ...pricingOf(profileOf(profile)),
  }));
}

/** Since the period of each budget began; of runs with a reservation all, because it is for all that they hold. */
async function readUses(
  db: Kysely<Database>,
  budgets: readonly Budget[],
  reservations: readonly Reservation[],
  now: number,
): Promise<readonly DayUse[]> {
  const groups = [
    'usage_days.run',
    'team',
    'project',
    'device_model',
    'capacity',
    'region',
    'day',
    'price',
  ] as const;
  const open = reservations.map(({ run }) => run);
  const rows = await db
    .selectFrom('usage_days')
    .innerJoin('runs', 'runs.id', 'usage_days.run')
    .select(groups)
    .select(sql<number>`cast(sum(held) as bigint)`.as('held'))
    .where((is) =>
      is.or([
        ...(open.length === 0 ? [] : [is('usage_days.run', 'in', open)]),
        ...budgets.flatMap((budget) => {
          const period = periodOf(budget, now);
          if (period === null) return [];
          return [is.and([isCovered(budget), is('day', '>=', period.since)])];
        }),
      ]),
    )
    .groupBy(groups)
    .execute();
  return rows.map(({ run, team, project, device_model, capacity, region, day, price, held }) => ({
    run,
    team,
    project,
    deviceModel: device_model,
    capacity,
    region,
    day,
    listedPrice: price === null ? null : (fromJson(price) ?? null),
    gpuMilliseconds: held,
  }));
}
