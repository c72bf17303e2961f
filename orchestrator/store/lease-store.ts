import type { Kysely } from 'kysely';
import type { Holder, Lease, LeaseStore, Unheld } from '../ports/store.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

/** Long after anybody could judge a lease by it. */
const FORGOTTEN_AFTER_MILLISECONDS = 86_400_000;

export function makeLeaseStore(db: Kysely<Database>): LeaseStore {
  return {
    acquire: (lease, expiresAfter, deadOwner) => acquireLease(db, lease, expiresAfter, deadOwner),

    async beat({ owner, pid, host }, now) {
      const row = { host, pid, heartbeat_at: now };
      await db
        .insertInto('attendants')
        .values({ owner, ...row })
        .onConflict((known) => known.column('owner').doUpdateSet(row))
        .execute();
      const { held } = await db
        .selectFrom('leases')
        .select(({ fn }) => fn.countAll<number>().as('held'))
        .where('owner', '=', owner)
        .executeTakeFirstOrThrow();
      return held;
    },

    async held(owner) {
      const rows = await db
        .selectFrom('leases')
        .select('run')
        .where('owner', '=', owner)
        .orderBy('run')
        .execute();
      return rows.map(({ run }) => run);
    },

    async leave(owner, now) {
      await db
        .deleteFrom('attendants')
        .where((is) =>
          is.or([
            is('owner', '=', owner),
            // Of those that were killed nobody else tidies up.
            is.and([
              is('heartbeat_at', '<', now - FORGOTTEN_AFTER_MILLISECONDS),
              is('owner', 'not in', is.selectFrom('leases').select('owner')),
            ]),
          ]),
        )
        .execute();
    },

    async release(run, owner) {
      await db.deleteFrom('leases').where('run', '=', run).where('owner', '=', owner).execute();
    },

    async find(run) {
      const row = await leasesOf(db).where('leases.run', '=', run).executeTakeFirst();
      return row ? leaseOf(row) : null;
    },

    async list() {
      return (await leasesOf(db).orderBy('leases.run').execute()).map(leaseOf);
    },

    async attendants() {
      const rows = await db.selectFrom('attendants').selectAll().orderBy('owner').execute();
      return rows.map(({ owner, pid, heartbeat_at }) => ({
        owner,
        pid,
        heartbeatAt: heartbeat_at,
        beats: true,
      }));
    },

    holders: () => holdersIn(db),

    unheld: (except) => unheldRuns(db, except),
  };
}

async function acquireLease(
  db: Kysely<Database>,
  { run, owner, pid, heartbeatAt }: Lease,
  expiresAfter: number,
  deadOwner = owner,
): Promise<boolean> {
  const held = { owner, pid, heartbeat_at: heartbeatAt };
  await requireRun(db, run);
  // One statement, so that of two processes that find a lease expired only one takes it.
  const taken = await db
    .insertInto('leases')
    .values({ run, ...held })
    .onConflict((known) =>
      known
        .column('run')
        .doUpdateSet(held)
        .where((is) =>
          is.or([
            is('leases.owner', 'in', [owner, deadOwner]),
            is.and([
              is('leases.heartbeat_at', '<=', heartbeatAt - expiresAfter),
              is.not(
                is.exists(
                  is
                    .selectFrom('attendants')
                    .select('attendants.owner')
                    .whereRef('attendants.owner', '=', 'leases.owner')
                    .where('attendants.heartbeat_at', '>', heartbeatAt - expiresAfter),
                ),
              ),
            ]),
          ]),
        ),
    )
    .returning('run')
    .execute();
  return taken.length === 1;
}

async function holdersIn(db: Kysely<Database>): Promise<readonly Holder[]> {
  const rows = await db
    .selectFrom('leases')
    .leftJoin('attendants', 'attendants.owner', 'leases.owner')
    .select(['leases.owner', 'leases.pid', 'attendants.heartbeat_at as beat_at'])
    .select(({ fn }) => fn.max('leases.heartbeat_at').as('heartbeat_at'))
    .groupBy(['leases.owner', 'leases.pid', 'attendants.heartbeat_at'])
    .orderBy('leases.owner')
    .execute();
  return rows.map(({ owner, pid, heartbeat_at, beat_at }) => ({
    owner,
    pid,
    heartbeatAt: Math.max(heartbeat_at, beat_at ?? 0),
    beats: beat_at !== null,
  }));
}

/** In order of creation. */
const unheldRuns = (db: Kysely<Database>, except: readonly string[]): Promise<readonly Unheld[]> =>
  db
    .selectFrom('runs')
    .leftJoin('leases', 'leases.run', 'runs.id')
    .select(['runs.id as run', 'leases.owner', 'runs.host'])
    .where('closed', '=', 0)
    .where((is) => is.or([is('leases.owner', 'is', null), is('leases.owner', 'not in', [...except, ''])]))
    .orderBy('created_at')
    .orderBy('runs.id')
    .execute();

/** With the heartbeat of whoever holds them. */
const leasesOf = (db: Kysely<Database>) =>
  db
    .selectFrom('leases')
    .leftJoin('attendants', 'attendants.owner', 'leases.owner')
    .select([
      'run',
      'leases.owner',
      'leases.pid',
      'leases.heartbeat_at',
      'attendants.heartbeat_at as beat_at',
    ]);

interface LeaseRow extends Pick<Database['leases'], 'run' | 'owner' | 'pid' | 'heartbeat_at'> {
  readonly beat_at: number | null;
}

const leaseOf = ({ run, owner, pid, heartbeat_at, beat_at }: LeaseRow): Lease => ({
  run,
  owner,
  pid,
  heartbeatAt: Math.max(heartbeat_at, beat_at ?? 0),
});
