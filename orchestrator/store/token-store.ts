import type { Kysely } from 'kysely';
import { StintError } from '../errors/stint-error.ts';
import type { Token, TokenStore } from '../ports/store.ts';
import type { Database } from './schema.ts';

export function makeTokenStore(db: Kysely<Database>): TokenStore {
  return {
    async create({ name, hash, role, team, run, createdAt, expiresAt }) {
      const times = { created_at: createdAt, expires_at: expiresAt, revoked_at: null };
      const row = { name, hash, role, team, run, ...times };
      const created = await db
        .insertInto('tokens')
        .values(row)
        .onConflict((known) => known.doNothing())
        .returning('name')
        .execute();
      if (created.length === 0) throw taken(name);
    },

    async find(hash) {
      const row = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row ? tokenOf(row) : null;
    },

    async list() {
      return (await db.selectFrom('tokens').selectAll().orderBy('name').execute()).map(tokenOf);
    },

    async revoke(name, at) {
      const known = await db.selectFrom('tokens').select('name').where('name', '=', name).executeTakeFirst();
      // The first time counts.
      await db
        .updateTable('tokens')
        .set({ revoked_at: at })
        .where('name', '=', name)
        .where('revoked_at', 'is', null)
        .execute();
      return known !== undefined;
    },
  };
}

const tokenOf = (row: Database['tokens']): Token => ({
  name: row.name,
  hash: row.hash,
  role: row.role,
  team: row.team,
  run: row.run,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
});

const taken = (name: string): StintError =>
  new StintError({
    code: 'token-name-taken',
    where: name,
    what: `there is a token "${name}" already`,
    why: 'a name stays taken when its token is revoked, so that the audit names one person or program by it',
    todo: 'choose another name',
  });
