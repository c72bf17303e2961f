import { type Problem, StintError } from '../errors/stint-error.ts';

/** `PLACE` in what is to do stands for the address. */
type Advice = Pick<Problem, 'code' | 'what' | 'why' | 'todo'>;

const UNREACHABLE: Advice = {
  code: 'store-unreachable',
  what: 'the PostgreSQL that holds the store does not answer',
  todo: "see that it runs and that this machine may reach it: pg_isready -d 'PLACE'",
};
const STOPPED: Advice = {
  code: 'store-unreachable',
  what: 'the PostgreSQL that holds the store is starting or was stopped; what was not acknowledged is not kept',
  todo: "run the command again once it accepts connections: pg_isready -d 'PLACE'",
};
const REFUSED: Advice = {
  code: 'store-refused',
  what: 'the PostgreSQL that holds the store does not let this user in',
  todo: 'check the user, and the password in PGPASSWORD, ~/.pgpass or the address; pg_hba.conf on the server says who may come from where',
};
const NO_PASSWORD: Advice = {
  code: 'store-refused',
  what: 'the PostgreSQL that holds the store asks for a password, and there is none',
  why: 'the address holds none, PGPASSWORD is not set, and ~/.pgpass has no line for this host, port, database and user',
  todo: 'set PGPASSWORD, or add a line host:port:database:user:password to ~/.pgpass (mode 0600)',
};
const BUSY: Advice = {
  code: 'store-busy',
  what: 'the store was kept busy by other connections; nothing of this change was kept',
  todo: 'run the command again; if it stays so, look for who holds what: select * from pg_stat_activity',
};
const FULL: Advice = {
  code: 'store-full',
  what: 'the PostgreSQL that holds the store has no room left; nothing of this change was kept',
  todo: 'free some space on its disk and run the command again',
};

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the name of a system error. */
const ADVICE: Readonly<Record<string, Advice>> = {
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  EPIPE: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  // A socket in a folder.
  ENOENT: UNREACHABLE,
  EACCES: UNREACHABLE,
  '57P01': STOPPED,
  '57P02': STOPPED,
  '57P03': STOPPED,
  '28000': REFUSED,
  '28P01': REFUSED,
  '3D000': {
    code: 'store-no-database',
    what: 'the PostgreSQL has no database of that name',
    todo: 'create it once with `createdb`, or correct the address; Stint makes the tables itself',
  },
  '42501': {
    code: 'store-no-rights',
    what: 'this user may not make or use the tables of the store',
    todo: 'let the user own the database, or grant it: grant usage, create on schema public',
  },
  '25006': {
    code: 'store-read-only',
    what: 'the PostgreSQL that answers takes no changes; it may be a standby',
    todo: 'name the primary in the address',
  },
  '53100': FULL,
  '53200': BUSY,
  '53300': {
    code: 'store-busy',
    what: 'the PostgreSQL that holds the store has no connection left',
    todo: 'try again; raise its max_connections, or put a pooler in front: each stint process uses up to five',
  },
  '40001': BUSY,
  '40P01': BUSY,
  '55P03': BUSY,
};

/** What `pg` says in words alone (its client.js and connection.js, and pg-pool). */
const BY_WORDS: readonly (readonly [RegExp, Advice])[] = [
  [/client password must be a (non-empty )?string/, NO_PASSWORD],
  [
    /timeout exceeded when trying to connect|timeout expired|Connection terminated|Query read timeout/,
    UNREACHABLE,
  ],
  [
    /does not support SSL|self-signed certificate|certificate|TLS|SSL/,
    {
      code: 'store-not-secure',
      what: 'no secured connection to the PostgreSQL that holds the store came about',
      todo: 'give the authority that signed its certificate: ?sslmode=verify-full&sslrootcert=FILE at the end of the address',
    },
  ],
];

/**
 * What a person can do about a failure of PostgreSQL or of the way to it; any other error comes back as it is.
 *
 * @param place - The address without its password.
 */
export function explainPostgres(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error;
  // A name with several addresses gives one error for each of them and no words of its own.
  const [first] = error instanceof AggregateError ? error.errors : [];
  const { message } = first instanceof Error ? first : error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const advice = ADVICE[code] ?? BY_WORDS.find(([words]) => words.test(message))?.[1];
  if (advice === undefined) return error;
  return new StintError(
    { why: message, ...advice, where: place, todo: advice.todo.replace('PLACE', place) },
    { cause: error },
  );
}
