import { Kysely, sql } from 'kysely';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import { migrate } from './migrate.ts';
import { storeOver } from './open-store.ts';
import { requirePostgresAddress } from './postgres-address.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { postgresFeed } from './postgres-feed.ts';
import type { Database } from './schema.ts';

/** "Stint" in ASCII: nothing else in the database takes this lock. */
const MIGRATION_LOCK = 0x5374696e74;
/** Of the 15 s that a lease lives unrenewed, 3 pass between renewals. */
const CLOCKS_MAY_DIFFER_MILLISECONDS = 5_000;

export interface SharedStore {
  readonly store: Store;
  /** Its address without the password, for people to read. */
  readonly place: string;
}

/**
 * Opens the store that processes of several machines share, and makes its tables when they are not there.
 *
 * @param address - `postgres://user@host:5432/database`.
 * @param now - Milliseconds since 1970 by this machine's clock.
 * @throws StintError when it is no such address, cannot be reached or used, was written by a later Stint, or when this
 *   machine's clock is wrong.
 */
export async function openPostgres(address: string, now: () => number): Promise<SharedStore> {
  const { dialect, place, listening } = postgresDialect(requirePostgresAddress(address));
  const db = new Kysely<Database>({ dialect });
  try {
    await requireSameTime(db, place, now);
    await migrate(db, place, {
      lock: async (transaction) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction);
      },
    });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { store: storeOver(db, postgresFeed(db, listening)), place };
}

/** Who holds a lease is judged by each machine's own clock. */
async function requireSameTime(db: Kysely<Database>, place: string, now: () => number): Promise<void> {
  const asked = now();
  const { rows } = await sql<{ readonly at: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as at`.execute(db);
  const answered = now();
  const at = rows[0]?.at ?? asked;
  const ahead = at < asked ? asked - at : Math.min(0, answered - at);
  if (Math.abs(ahead) <= CLOCKS_MAY_DIFFER_MILLISECONDS) return;
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  throw new StintError({
    code: 'clock-differs',
    where: place,
    what: `this machine's clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the one of the store's server`,
    why: `machines that share a store tell by the time whether a run's process is gone, so their clocks may differ by ${CLOCKS_MAY_DIFFER_MILLISECONDS / 1_000} s at most`,
    todo: 'set both by a time server: `timedatectl` shows whether one is in use',
  });
}
