import {
  type ColumnDefinitionNode,
  DataTypeNode,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  PostgresQueryCompiler,
  RawNode,
} from 'kysely';
import pg from 'pg';
import { keepTrying } from './keep-trying.ts';
import { malformed } from './postgres-address.ts';
import { explainPostgres } from './postgres-error.ts';
import type { Listening } from './postgres-feed.ts';
import { integerOf } from './safe-integer.ts';

/** A server takes a hundred by default, and every stint process of a team has its own. */
const CONNECTIONS = 4;
const CONNECT_MILLISECONDS = 10_000;
/** Ours last milliseconds; the longest wait is for another process that makes the tables. */
const QUERY_MILLISECONDS = 60_000;
/** A process that stands still in the middle of a transaction holds from others what it has written; ours are never idle in one. */
const IDLE_MILLISECONDS = 3_000;
/** How long a server that was there may be away, as when it restarts. Less than a lease lives. */
const AWAY_MILLISECONDS = 10_000;

/** Whatever the database was set to: the queries are made for it, and any other level refuses some of them. */
const READ_COMMITTED = 'set session characteristics as transaction isolation level read committed';

const { INT8, NUMERIC } = pg.types.builtins;
const INTEGERS: ReadonlySet<number> = new Set([INT8, NUMERIC]);

/** Columns of text compare by byte, as in SQLite, whatever language the database was made for. */
class BytewiseText extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const { dataType } = node;
    const isText = DataTypeNode.is(dataType) && dataType.dataType === 'text';
    super.visitColumnDefinition(
      isText ? { ...node, dataType: RawNode.createWithSql('text collate "C"') } : node,
    );
  }
}

class SharedDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new BytewiseText();
  }
}

export interface PostgresConnection {
  readonly dialect: PostgresDialect;
  /** Its address without the password. */
  readonly place: string;
  readonly listening: Listening;
}

/**
 * Kysely's PostgreSQL dialect over `pg`. What the address leaves open is taken as psql takes it: PGUSER, PGPASSWORD,
 * ~/.pgpass and the like.
 */
export function postgresDialect(url: string): PostgresConnection {
  const place = placeOf(url);
  const config: pg.ClientConfig = {
    connectionString: verified(url),
    fallback_application_name: 'stint',
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    query_timeout: QUERY_MILLISECONDS,
    keepAlive: true,
  };
  const pool = new pg.Pool({
    ...config,
    max: CONNECTIONS,
    idle_in_transaction_session_timeout: IDLE_MILLISECONDS,
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        INTEGERS.has(type) ? integerOf : pg.types.getTypeParser(type, format),
    },
  });
  // A connection that breaks while nobody uses it; who needs one next gets another, or hears why not.
  pool.on('error', () => undefined);
  // The same of one that is in use, between two queries of a transaction: the next query says it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    dialect: new SharedDialect({ pool: explained(pool, place) }),
    place,
    listening: { newClient: () => new pg.Client(config), isOwn: processesOf(pool) },
  };
}

/** Tells whether a process of the server, by its id, serves a connection of the pool. */
function processesOf(pool: pg.Pool): Listening['isOwn'] {
  // `pg` documents it, and its types leave it out.
  const idOf = (client: pg.PoolClient) => (client as { readonly processID?: number }).processID;
  const own = new Set<number | undefined>();
  pool.on('connect', (client) => own.add(idOf(client)));
  pool.on('remove', (client) => own.delete(idOf(client)));
  return (id) => own.has(id);
}

/**
 * `pg` verifies the server under each of these modes, and warns each time that its next version will not. Who wants libpq's
 * weaker meaning says so.
 */
const verified = (url: string): string =>
  url.includes('uselibpqcompat=')
    ? url
    : url.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');

function placeOf(url: string): string {
  try {
    const { user, host, port, database } = new pg.Client({ connectionString: verified(url) });
    const isFolder = host.startsWith('/');
    return `postgres://${user}@${isFolder ? '' : `${host}:${port}`}/${database}${isFolder ? `?host=${host}` : ''}`;
  } catch (error) {
    // Without its cause: that may hold the address, and with it the password.
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function explained(pool: pg.Pool, place: string): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const explain = (error: unknown) => {
    throw explainPostgres(error, place);
  };
  let wasThere = false;

  async function connect(): Promise<PostgresPoolClient> {
    const client = await keepTrying(() => pool.connect(), wasThere ? AWAY_MILLISECONDS : 0).catch(explain);
    wasThere = true;
    const known = clients.get(client);
    if (known !== undefined) return known;
    await client.query(READ_COMMITTED).catch((error: unknown) => {
      client.release(true);
      explain(error);
    });
    const fresh = wrapped(client);
    clients.set(client, fresh);
    return fresh;
  }

  const wrapped = (client: pg.PoolClient): PostgresPoolClient => ({
    query: (text: unknown, values?: readonly unknown[]) =>
      client.query(text as string, values as unknown[]).catch(explain) as never,
    release: (destroy) => client.release(destroy),
  });

  return { connect, end: () => pool.end(), options: pool.options };
}
