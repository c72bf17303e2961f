import { Kysely } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { postgresDialect } from '../../orchestrator/store/postgres-dialect.ts';
import { postgresFeed } from '../../orchestrator/store/postgres-feed.ts';
import type { Database } from '../../orchestrator/store/schema.ts';
import { listenTo } from './change-laws.ts';
import { runRecord } from './fixtures.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';

const bin = findPostgres();
if (bin === null) console.log('skipped: the feed of PostgreSQL; no initdb is here (Debian: postgresql)');

const LISTENERS = `select pid from pg_stat_activity where datname = current_database() and query like 'listen%'`;
const END_LISTENERS = LISTENERS.replace('select pid', 'select pg_terminate_backend(pid)');

describe.skipIf(bin === null)('the change feed of PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
  }, 60_000);
  afterAll(() => server.discard(), 60_000);

  async function place() {
    const address = await server.createDatabase();
    const open = async () => {
      const { store } = await openPostgres(address, Date.now);
      onTestFinished(() => store.close());
      return store;
    };
    const [store, other] = [await open(), await open()];
    await other.runs.create([runRecord({ id: 'r-1' }), runRecord({ id: 'r-2' })]);
    const query = (text: string) => server.query(address.split('/').at(-1) ?? '', text);
    return { address, store, other, query };
  }

  test.each([
    ['a connection that is ended', (query: (text: string) => Promise<unknown>) => query(END_LISTENERS)],
    [
      'a server that is restarted',
      async () => {
        await server.stop();
        await server.start();
      },
    ],
  ])(
    '%s wakes everybody, and what is written meanwhile and afterwards is heard of',
    async (_, lose) => {
      const { store, other, query } = await place();
      const { told, quiet } = listenTo(store, ['r-1', 'r-2']);
      await quiet();
      expect(await query(LISTENERS)).toHaveLength(1);
      await lose(query);
      await other.runs.append('r-1', 0, 1, [{ type: 'warned', message: 'in the gap' }]);
      const patiently = { timeout: 15_000, interval: 20 };
      await expect.poll(() => [...told.keys()].toSorted(), patiently).toEqual(['r-1', 'r-2']);
      await expect.poll(() => query(LISTENERS), patiently).toHaveLength(1);
      await quiet();
      await other.runs.append('r-1', 1, 1, [{ type: 'warned', message: 'afterwards' }]);
      await expect.poll(() => [...told], patiently).toEqual([['r-1', 1]]);
    },
    60_000,
  );

  test('where notifications do not come, as behind some poolers, everybody is woken now and then', async () => {
    const { address } = await place();
    const elsewhere = await server.createDatabase();
    const db = new Kysely<Database>({ dialect: postgresDialect(address).dialect });
    onTestFinished(() => db.destroy());
    const newClient = () => new pg.Client({ connectionString: elsewhere });
    const feed = postgresFeed(db, { newClient, isOwn: () => false });
    onTestFinished(() => feed.close());
    let told = 0;
    feed.subscribe('r-1', () => {
      told += 1;
    });
    await expect.poll(() => told, { timeout: 5_000 }).toBe(1);
    await expect.poll(() => told, { timeout: 30_000 }).toBeGreaterThan(2);
  }, 60_000);

  test('a store that is closed lets go of the connection on which it listened', async () => {
    const { store, query } = await place();
    const { quiet } = listenTo(store, ['r-1']);
    await quiet();
    expect(await query(LISTENERS)).toHaveLength(1);
    await store.close();
    await expect.poll(() => query(LISTENERS)).toHaveLength(0);
  });
});
