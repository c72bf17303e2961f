import { type Kysely, sql } from 'kysely';
import { toJson } from '../json-column.ts';
import { ownersOf } from '../reservation-owners.ts';
import type { Database } from '../schema.ts';

/** Runs whose profiles are read at once: each has thousands of characters. */
const RUNS_AT_ONCE = 500;

/**
 * What an admission reads of a history of 100,000 runs is found by indexes: the runs whose usage is to be summed up, who
 * answers for a reservation, and what a team has used.
 *
 * `usage_heads` stays for a server of the version before that ends its work meanwhile. It takes for out of date what is
 * summed up by later ones, and sums it up again.
 */
export async function indexedAdmission(db: Kysely<Database>): Promise<void> {
  await db.schema
    .alterTable('ledger_heads')
    .addColumn('summed', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`
    update ledger_heads set summed = coalesce(
      (select version from usage_heads where usage_heads.run = ledger_heads.run and usage_heads.open = 0), 0
    )`.execute(db);
  await sql`create index ledger_heads_stale on ledger_heads (run) where summed <> version`.execute(db);

  await db.schema.dropIndex('runs_by_team').execute();
  await db.schema.dropIndex('runs_by_project').execute();
  for (const [name, columns] of [
    ['runs_by_team', ['team', 'project', 'price', 'id']],
    ['runs_by_project', ['project', 'team', 'price', 'id']],
    ['runs_with_owner', ['id', 'team', 'project', 'price']],
  ] as const)
    await db.schema
      .createIndex(name)
      .on('runs')
      .columns([...columns])
      .execute();

  for (const column of ['team', 'project', 'pricing'])
    await db.schema.alterTable('reservations').addColumn(column, 'text').execute();
  await sql`
    update reservations set
      team = (select team from runs where runs.id = reservations.run),
      project = (select project from runs where runs.id = reservations.run)`.execute(db);
  await priceReservations(db);
}

async function priceReservations(db: Kysely<Database>): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('reservations')
      .select('run')
      .where('run', '>', after)
      .orderBy('run')
      .limit(RUNS_AT_ONCE)
      .execute();
    const runs = rows.map(({ run }) => run);
    const last = runs.at(-1);
    if (last === undefined) return;
    const alike = Map.groupBy(await ownersOf(db, runs), ([, { pricing }]) => toJson(pricing));
    for (const [pricing, owners] of alike)
      await db
        .updateTable('reservations')
        .set({ pricing })
        .where(
          'run',
          'in',
          owners.map(([run]) => run),
        )
        .execute();
    after = last;
  }
}
