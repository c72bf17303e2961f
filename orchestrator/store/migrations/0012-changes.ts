import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Database } from '../schema.ts';

/** Where a row that is written tells that its run has changed. */
const TOLD = [
  ['run_events', 'insert'],
  ['requests', 'insert'],
  ['requests', 'delete'],
] as const;

/**
 * Whoever writes tells what has changed, by triggers, so that no way of writing can forget it: PostgreSQL notifies, and SQLite
 * numbers what was changed last.
 */
export async function changes(db: Kysely<Database>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) await notify(db);
  else await number(db);
}

async function notify(db: Kysely<Database>): Promise<void> {
  await sql`
    create function stint_changed() returns trigger language plpgsql as $$
    begin
      perform pg_notify('stint', case
        when tg_table_name = 'budget_books' then 'budgets'
        when tg_op = 'DELETE' then to_jsonb(old) ->> 'run'
        else to_jsonb(new) ->> 'run'
      end);
      return null;
    end $$`.execute(db);
  for (const [table, how] of TOLD) await trigger(db, `${table}_${how}`, `${how} on ${table}`);
  await trigger(db, 'budgets_update', 'update of budgets on budget_books');
}

const trigger = (db: Kysely<Database>, name: string, after: string) =>
  sql.raw(`create trigger ${name} after ${after} for each row execute function stint_changed()`).execute(db);

async function number(db: Kysely<Database>): Promise<void> {
  // A number is never given twice, so one query finds what is newer than the last that was seen.
  await sql`
    create table changes (number integer primary key autoincrement, subject text not null unique)`.execute(
    db,
  );
  const made = [
    ...TOLD.map(([table, how]) => ({
      name: `${table}_${how}`,
      after: `${how} on ${table}`,
      subject: how === 'delete' ? 'old.run' : 'new.run',
    })),
    { name: 'budgets_update', after: 'update of budgets on budget_books', subject: "'budgets'" },
  ];
  for (const { name, after, subject } of made)
    await sql
      .raw(`
        create trigger ${name} after ${after} begin
          delete from changes where subject = ${subject};
          insert into changes (subject) values (${subject});
        end`)
      .execute(db);
}
