import { afterAll } from 'vitest';
import { startServe } from '../../end-to-end/serve-home.ts';
import { inEnvironment, stint } from '../../end-to-end/stint.ts';
import { findPostgres, type PostgresServer, startPostgres } from '../../store/postgres-server.ts';
import { type DisturbedServers, disturbedServers, type ServerProcess } from './disturbed-servers.ts';
import { openFront } from './front.ts';

/** The runs of these tests are attended by servers that are killed and frozen in between: `npm test -- --slow --only servers`. */
export const IS_SERVED = process.env['STINT_TEST_SERVED'] === '1';

interface Served {
  readonly home: string;
  readonly servers: DisturbedServers;
  readonly close: () => void;
}

let postgres: Promise<PostgresServer> | undefined;
const all: Served[] = [];

/** A database of its own for a home, on a PostgreSQL that goes when the test file is through. */
export async function sharedStore(): Promise<string> {
  const bin = findPostgres();
  if (bin === null) throw new Error('servers that share a store need initdb (Debian: postgresql)');
  postgres ??= startPostgres(bin);
  return (await postgres).createDatabase();
}

/** Attends what is recorded there until the test file is through. @returns the port of what answers for the servers, if they do. */
export async function serveDisturbed(
  home: string,
  start: () => Promise<ServerProcess>,
): Promise<number | null> {
  const servers = await disturbedServers({ start, onGone: (server) => front?.drop(server) });
  const front = servers.awake().port === null ? undefined : await openFront(servers.awake);
  all.push({ home, servers, close: () => front?.close() });
  return front?.port ?? null;
}

/** From now on the commands of this home ask `stint serve`: two of them, over one PostgreSQL. */
export async function serveHome(home: string): Promise<void> {
  const store = await sharedStore();
  let token: string | null = null;
  const port = await serveDisturbed(home, async () => {
    const { server, url, token: first } = await startServe(home, { store });
    token ??= first;
    return { port: Number(new URL(url).port), kill: (signal) => void server.kill(signal) };
  });
  inEnvironment(home, { STINT_SERVER: `http://127.0.0.1:${port}`, STINT_TOKEN: token ?? '' });
}

/** Ends what attends, and the PostgreSQL. @throws Error for a ledger that does not add up, and where nothing was disturbed. */
export async function endServing(): Promise<void> {
  if (all.length > 0 && all.every(({ servers }) => servers.done.length === 0))
    throw new Error('no server was killed or frozen: what these tests show of it is nothing');
  for (const { home, servers, close } of all.splice(0)) {
    console.log(`servers of ${home}: ${servers.done.join(', ')}`);
    const { code, stdout, stderr } = await stint(home, 'ledger', 'verify');
    await servers.end();
    close();
    if (code !== 0) throw new Error(`the ledger of ${home}: ${stdout}${stderr}`);
  }
  await (await postgres)?.discard();
  postgres = undefined;
}

if (IS_SERVED) afterAll(endServing, 120_000);
