import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';
import type { StoreFeed } from './store-feed.ts';
import { Subscribers } from './subscribers.ts';

/** SQLite tells no other process of a write, so one query asks for so long as anybody waits, however many there are. */
const LOOK_MILLISECONDS = 250;

/**
 * Tells what other processes write to the file: SQLite counts their transactions, and triggers number what they have changed.
 * What could not be read is read the next time, so nothing is missed.
 */
export async function sqliteFeed(db: Kysely<Database>): Promise<StoreFeed> {
  const subscribers = new Subscribers();
  let version = await dataVersion(db);
  let last = await lastChange(db);
  let isLooking = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const now = await dataVersion(db);
    if (now === version) return;
    const changed = await changedSince(db, last);
    // Only now: had it failed, the next look would find the same.
    version = now;
    last = changed.at(-1)?.number ?? last;
    for (const { subject } of changed) subscribers.tell(subject);
  }

  function tick(): void {
    if (subscribers.isEmpty) return stop();
    if (isLooking) return;
    isLooking = true;
    void look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    subscribe: (subject, onChange) => {
      timer ??= setInterval(tick, LOOK_MILLISECONDS).unref();
      return subscribers.add(subject, onChange);
    },
    wrote: (subject) => subscribers.tell(subject),
    close: stop,
  };
}

/** Another number whenever another connection has written since. */
async function dataVersion(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ readonly data_version: number }>`pragma data_version`.execute(db);
  return rows[0]?.data_version ?? 0;
}

async function lastChange(db: Kysely<Database>): Promise<number> {
  const { last } = await db
    .selectFrom('changes')
    .select(({ fn }) => fn.max('number').as('last'))
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

const changedSince = (db: Kysely<Database>, number: number) =>
  db.selectFrom('changes').selectAll().where('number', '>', number).orderBy('number').execute();
