import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { storeContract } from './contract.ts';
import { boundFact, runRecord } from './fixtures.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';
import { processLaws } from './process-laws.ts';

const bin = findPostgres();
if (bin === null) console.log('skipped: the store on PostgreSQL; no initdb is here (Debian: postgresql)');

/** Transactions that nobody ends any more: what they hold is held from everybody. */
const LEFT_OPEN = `
  select pid from pg_stat_activity
  where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`;

const open = async (address: string) => (await openPostgres(address, Date.now)).store;

/** What a person reads of an error, all of it. */
async function problemOf(act: Promise<unknown>) {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isStintError(error)) throw new Error('this was not explained', { cause: error });
  return error.problems[0];
}

describe.skipIf(bin === null)('the store on PostgreSQL', () => {
  let server: PostgresServer;
  let address: string | undefined;

  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
  }, 60_000);
  afterAll(() => server.discard(), 60_000);

  storeContract(
    'PostgreSQL',
    async () => {
      address ??= await server.createDatabase();
      return open(address);
    },
    async () => {
      address = undefined;
    },
  );

  processLaws('PostgreSQL', async () => {
    const place = await server.createDatabase();
    const name = place.split('/').at(-1) ?? '';
    return {
      address: place,
      open: () => open(place),
      versions: () => server.query(name, 'select version from schema_versions order by version'),
      leftBehind: () => server.query(name, LEFT_OPEN),
    };
  });

  test('of many that open a new database at once, one makes the tables and the others wait', async () => {
    const place = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 8 }, () => open(place)));
    for (const store of stores) expect(await store.runs.list()).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
  });

  const at = (user: string, database = 'postgres', port = server.port) =>
    `postgres://${user}@127.0.0.1:${port}/${database}`;

  test('who may not come in is told so, and never reads a password', async () => {
    const wrong = await problemOf(open(at('locked:hunter2')));
    expect(wrong).toMatchObject({ code: 'store-refused', where: at('locked') });
    expect(JSON.stringify(wrong)).not.toContain('hunter2');
    expect(await problemOf(open(at('locked')))).toMatchObject({
      code: 'store-refused',
      todo: expect.stringContaining('PGPASSWORD'),
    });
    expect(await problemOf(open(at('nobody-known')))).toMatchObject({ code: 'store-refused' });
  });

  test('a database that is not there, a schema that may not be used and a standby are told apart', async () => {
    expect(await problemOf(open(at('postgres', 'none')))).toMatchObject({
      code: 'store-no-database',
      why: 'database "none" does not exist',
    });
    expect(await problemOf(open(at('locked:secret')))).toMatchObject({ code: 'store-no-rights' });
    const place = await server.createDatabase();
    await server.query(
      'postgres',
      `alter database ${place.split('/').at(-1)} set default_transaction_read_only to on`,
    );
    expect(await problemOf(open(place))).toMatchObject({ code: 'store-read-only' });
  });

  test('a clock that is far from the server’s is refused, to either side', async () => {
    const place = await server.createDatabase();
    for (const [off, words] of [
      [-60_000, '60 s behind'],
      [60_000, '60 s ahead of'],
    ] as const)
      expect(await problemOf(openPostgres(place, () => Date.now() + off))).toMatchObject({
        code: 'clock-differs',
        what: expect.stringContaining(words),
      });
  });

  test('a store of a later version is refused', async () => {
    const place = await server.createDatabase();
    await (await open(place)).close();
    await server.query(place.split('/').at(-1) ?? '', 'insert into schema_versions values (1000)');
    expect(await problemOf(open(place))).toMatchObject({ code: 'store-newer' });
  });

  test('whatever isolation the database was set to, who writes at once does not fail', async () => {
    const place = await server.createDatabase();
    const name = place.split('/').at(-1);
    await server.query(
      'postgres',
      `alter database ${name} set default_transaction_isolation to 'serializable'`,
    );
    const store = await open(place);
    await store.runs.create([runRecord()]);
    const facts = Array.from({ length: 2_100 }, (_, index) => boundFact('r', `p${index}`));
    await Promise.all([facts, facts].map((same) => store.ledger.record(same)));
    expect(await store.ledger.facts()).toHaveLength(facts.length);
    await store.close();
  });

  test('a time that no number holds exactly is refused, not rounded', async () => {
    const place = await server.createDatabase();
    const store = await open(place);
    await store.runs.create([runRecord()]);
    await server.query(place.split('/').at(-1) ?? '', 'update runs set created_at = 9007199254740993');
    await expect(store.runs.list()).rejects.toThrow('9007199254740993, which is no safe integer');
    await store.close();
  });

  test('a store outlives a restart of its server, and says when the server stays away', async () => {
    const store = await open(await server.createDatabase());
    await server.stop();
    const waiting = store.runs.list();
    await server.start();
    expect(await waiting).toEqual([]);
    await server.stop();
    expect(await problemOf(open(at('postgres')))).toMatchObject({
      code: 'store-unreachable',
      where: at('postgres'),
      todo: expect.stringContaining(`pg_isready -d '${at('postgres')}'`),
    });
    await server.start();
    await store.close();
  });
});
