import { StintError } from '../errors/stint-error.ts';

const SCHEMES: readonly string[] = ['postgres', 'postgresql'];
const EXAMPLE = 'postgres://user@host:5432/database';

/**
 * The address of a store that several people share, as `--store` or STINT_STORE give it. Nothing of it is repeated in an
 * error: it may hold a password.
 *
 * @throws StintError `store-address` when it is no address of a PostgreSQL.
 */
export function requirePostgresAddress(named: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(named)?.[1]?.toLowerCase();
  if (scheme === undefined) throw malformed('it begins with no scheme such as postgres://');
  if (!SCHEMES.includes(scheme))
    throw malformed(`it begins with ${scheme}://, which names no store that Stint knows`);
  const [authority = ''] = named.slice(scheme.length + 3).split(/[/?#]/);
  // Else the rest of the password would be taken for the host or the database, and be printed as such.
  if (!authority.includes('@') && named.includes('@'))
    throw malformed('there is a / ? or # before the @; in a password they are written %2F %3F %23');
  return named;
}

export const malformed = (found: string): StintError =>
  new StintError({
    code: 'store-address',
    where: '--store or STINT_STORE',
    what: 'this is not the address of a store',
    why: found,
    todo: `write it as ${EXAMPLE}, with the password in PGPASSWORD or ~/.pgpass, or leave it out to keep runs in the home folder`,
  });
