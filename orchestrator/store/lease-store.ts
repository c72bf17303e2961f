import type { Kysely } from 'kysely';
import type { Lease, LeaseStore } from './port.ts';
import { requireRun } from './require-run.ts';
import type { Database } from './schema.ts';

export function makeLeaseStore(db: Kysely<Database>): LeaseStore {
  return {
    async acquire({ run, owner, pid, heartbeatAt }, expiresAfter, deadOwner = owner) {
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
                is('leases.heartbeat_at', '<=', heartbeatAt - expiresAfter),
              ]),
            ),
        )
        .returning('run')
        .execute();
      return taken.length === 1;
    },

    async renew(run, owner, now) {
      const renewed = await db
        .updateTable('leases')
        .set({ heartbeat_at: now })
        .where('run', '=', run)
        .where('owner', '=', owner)
        .returning('run')
        .execute();
      return renewed.length === 1;
    },

    async release(run, owner) {
      await db.deleteFrom('leases').where('run', '=', run).where('owner', '=', owner).execute();
    },

    async find(run) {
      const row = await db.selectFrom('leases').selectAll().where('run', '=', run).executeTakeFirst();
      return row ? leaseOf(row) : null;
    },

    async list() {
      return (await db.selectFrom('leases').selectAll().orderBy('run').execute()).map(leaseOf);
    },

    async holders() {
      const rows = await db
        .selectFrom('leases')
        .select(['owner', 'pid'])
        .select(({ fn }) => fn.max('heartbeat_at').as('heartbeat_at'))
        .groupBy(['owner', 'pid'])
        .orderBy('owner')
        .execute();
      return rows.map(({ owner, pid, heartbeat_at }) => ({ owner, pid, heartbeatAt: heartbeat_at }));
    },

    unheld: (except) =>
      db
        .selectFrom('runs')
        .leftJoin('leases', 'leases.run', 'runs.id')
        .select(['runs.id as run', 'leases.owner', 'runs.host'])
        .where('closed', '=', 0)
        .where((is) => is.or([is('leases.owner', 'is', null), is('leases.owner', 'not in', [...except, ''])]))
        .orderBy('created_at')
        .orderBy('runs.id')
        .execute(),
  };
}

const leaseOf = ({ run, owner, pid, heartbeat_at }: Database['leases']): Lease => ({
  run,
  owner,
  pid,
  heartbeatAt: heartbeat_at,
});
