import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Database } from '../schema.ts';

/** What tells of a change, and whose: that of the run of a row, or what is told of without a run. */
const TOLD = [
  { name: 'run_events_insert', after: 'insert on run_events', subject: 'new.run' },
  { name: 'requests_insert', after: 'insert on requests', subject: 'new.run' },
  { name: 'requests_delete', after: 'delete on requests', subject: 'old.run' },
  { name: 'budgets_update', after: 'update of budgets on budget_books', subject: "'budgets'" },
  { name: 'runs_insert', after: 'insert on runs', subject: "'open-runs'" },
  { name: 'runs_close', after: 'update of closed on runs', subject: "'open-runs'" },
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
  for (const { name, after, subject } of TOLD)
    for (const statement of [
      `create function tell_${name}() returns trigger language plpgsql as
         'begin perform pg_notify(''stint'', ${subject.replaceAll("'", "''")}); return null; end'`,
      `create trigger ${name} after ${after} for each row execute function tell_${name}()`,
    ])
      await sql.raw(statement).execute(db);
}

async function number(db: Kysely<Database>): Promise<void> {
  // A number is never given twice, so one query finds what is newer than the last that was seen.
  await sql`
    create table changes (number integer primary key autoincrement, subject text not null unique)`.execute(
    db,
  );
  for (const { name, after, subject } of TOLD)
    await sql
      .raw(`
        create trigger ${name} after ${after} begin
          delete from changes where subject = ${subject};
          insert into changes (subject) values (${subject});
        end`)
      .execute(db);
}
