import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import { openOwn } from '../../orchestrator/composition/open-store-for.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { migrate } from '../../orchestrator/store/migrate.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { Database } from '../../orchestrator/store/schema.ts';
import { sqliteDialect } from '../../orchestrator/store/sqlite-dialect.ts';
import { explainSqlite } from '../../orchestrator/store/store-error.ts';
import { runRecord, temporaryFolder } from './fixtures.ts';

const FILE = 'stint.db';
const newFile = () => join(temporaryFolder(), FILE);
const code = (name: string) =>
  expect.objectContaining({ problems: [expect.objectContaining({ code: name })] });

const make = (name: string) => async (on: Kysely<Database>) => {
  await on.schema.createTable(name).addColumn('x', 'integer').execute();
};

/** What SQLite itself throws, explained. */
function explained(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return explainSqlite(error, FILE);
  }
  return undefined;
}

test('a file that is no database is called so', async () => {
  const file = newFile();
  writeFileSync(file, 'not a database '.repeat(500));
  await expect(openStore(file)).rejects.toEqual(code('store-corrupt'));
});

test('a damaged page is called so', async () => {
  const file = newFile();
  await (await openStore(file)).close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xff, 4096));
  await expect(openStore(file).then((store) => store.runs.list())).rejects.toEqual(code('store-corrupt'));
});

test('a folder that cannot be made, and a file that cannot be opened, are named', async () => {
  const file = newFile();
  writeFileSync(file, '');
  await expect(openStore(join(file, 'below', FILE))).rejects.toEqual(code('store-cannot-open'));
  const circle = newFile();
  symlinkSync(circle, circle);
  await expect(openStore(circle)).rejects.toEqual(code('store-cannot-open'));
});

test.each<[string, (path: string) => unknown, RegExp]>([
  ['a folder', (path) => mkdirSync(path), /^a folder has the name of the store$/],
  ['a device', (path) => symlinkSync('/dev/null', path), /^what has the name of the store is no file$/],
])(
  '%s in the place of the store is called that, to whoever makes it and to whoever looks',
  async (_, put, what) => {
    const file = newFile();
    put(file);
    const said = expect.objectContaining({
      problems: [
        expect.objectContaining({
          code: 'store-cannot-open',
          where: file,
          what: expect.stringMatching(what),
        }),
      ],
    });
    await expect(openStore(file)).rejects.toEqual(said);
    await expect(openOwn(dirname(file), undefined)).rejects.toEqual(said);
  },
);

test('a lock that is held too long and a file that may not be written say what to do', () => {
  const file = newFile();
  const holder = new DatabaseSync(file);
  holder.exec('CREATE TABLE t (x); BEGIN IMMEDIATE');
  const other = new DatabaseSync(file, { timeout: 0 });
  expect(explained(() => other.exec('BEGIN IMMEDIATE'))).toEqual(code('store-busy'));
  const reader = new DatabaseSync(file, { readOnly: true });
  expect(explained(() => reader.exec('INSERT INTO t VALUES (1)'))).toEqual(code('store-read-only'));
});

test('a full disk says so, keeps nothing of the change, and the store goes on once there is room', async () => {
  const file = newFile();
  await (await openStore(file)).close();
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  const room = (pages: number) => db.executeQuery({ ...rawQuery, sql: `PRAGMA max_page_count=${pages}` });
  const rawQuery = db.selectFrom('runs').selectAll().compile();
  await room(1);
  const many = Array.from({ length: 500 }, (_, index) => ({
    key: `k${index}`,
    run: 'r',
    at: 1,
    body: '{}' as const,
  }));
  const write = () =>
    db.transaction().execute((transaction) => transaction.insertInto('ledger_facts').values(many).execute());
  await expect(write()).rejects.toEqual(code('store-full'));
  expect(await db.selectFrom('ledger_facts').selectAll().execute()).toEqual([]);
  await room(1_000_000);
  await write();
  expect(await db.selectFrom('ledger_facts').selectAll().execute()).toHaveLength(500);
  await db.destroy();
});

test('where SQLite has rolled back by itself, the error is still the one that made it', async () => {
  const file = newFile();
  await (await openStore(file)).close();
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  const write = () =>
    db.transaction().execute(async (transaction) => {
      for (const version of [2, 1])
        await sql`INSERT OR ROLLBACK INTO schema_versions VALUES (${version})`.execute(transaction);
    });
  await expect(write()).rejects.toThrow('UNIQUE constraint failed');
  await db.destroy();
});

test('a store of a later version is refused and left as it is', async () => {
  const file = newFile();
  const store = await openStore(file);
  await store.runs.create([runRecord()]);
  await store.close();
  const database = new DatabaseSync(file);
  database.exec('INSERT INTO schema_versions VALUES (1000)');
  database.close();
  await expect(openStore(file)).rejects.toEqual(code('store-newer'));
  expect(new DatabaseSync(file).prepare('SELECT count(*) AS n FROM runs').get()).toEqual({ n: 1 });
});

test('a migration that fails halfway leaves the version before it', async () => {
  const file = newFile();
  const db = new Kysely<Database>({ dialect: sqliteDialect(file) });
  const halfway = async (on: Kysely<Database>) => {
    await make('second')(on);
    throw new Error('power cut');
  };
  await migrate(db, file, { migrations: [make('first')] });
  await expect(migrate(db, file, { migrations: [make('first'), halfway] })).rejects.toThrow('power cut');
  await migrate(db, file, { migrations: [make('first'), make('second')] });
  await migrate(db, file, { migrations: [make('first'), make('second')] });
  expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual([
    'first',
    'schema_versions',
    'second',
  ]);
  await db.destroy();
});

test('an error that is not of the database stays what it is', () => {
  const error = new TypeError('x');
  expect(explainSqlite(error, FILE)).toBe(error);
  expect(isStintError(explainSqlite(Object.assign(new Error('b'), { errcode: 5 + (2 << 8) }), FILE))).toBe(
    true,
  );
});
