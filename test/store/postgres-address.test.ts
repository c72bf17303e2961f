import { expect, test } from 'vitest';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { requirePostgresAddress } from '../../orchestrator/store/postgres-address.ts';
import { postgresDialect } from '../../orchestrator/store/postgres-dialect.ts';
import { explainPostgres } from '../../orchestrator/store/postgres-error.ts';

function problemOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isStintError(error)) return error.problems[0];
    throw error;
  }
  throw new Error('nothing was wrong');
}

test.each([
  'postgres://ann@db.example:5432/stint',
  'postgresql://ann:p%40ss@db.example/stint?sslmode=verify-full',
  'postgres:///stint',
])('%s is the address of a store', (address) => {
  expect(requirePostgresAddress(address)).toBe(address);
});

test.each([
  ['mysql://ann:hunter2@db/stint', 'it begins with mysql://, which names no store that Stint knows'],
  ['/home/ann/hunter2.db', 'it begins with no scheme such as postgres://'],
  ['postgres://ann:1/hunter2@db/stint', expect.stringContaining('%2F')],
  ['postgres://ann:1#hunter2@db/stint', expect.stringContaining('%23')],
])('%s is refused without being repeated', (address, why) => {
  const problem = problemOf(() => requirePostgresAddress(address));
  expect(problem).toMatchObject({
    code: 'store-address',
    where: '--store or STINT_STORE',
    why,
  });
  expect(JSON.stringify(problem)).not.toContain('hunter2');
});

test('what is said of a store names user, host, port and database, and no password', async () => {
  const hidden = '?password=hunter2&application_name=hunter2';
  expect(postgresDialect('postgres://ann:hunter2@db.example/stint').place).toBe(
    'postgres://ann@db.example:5432/stint',
  );
  expect(postgresDialect(`postgres://ann@db.example:6543/stint${hidden}`).place).toBe(
    'postgres://ann@db.example:6543/stint',
  );
  expect(postgresDialect('postgres://ann:hunter2@/stint?host=/run/postgresql').place).toBe(
    'postgres://ann@/stint?host=/run/postgresql',
  );
  const broken = problemOf(() => postgresDialect('postgres://ann:hunter2%ZZ@db:not-a-port/stint'));
  expect(broken).toMatchObject({ code: 'store-address' });
  expect(JSON.stringify(broken)).not.toContain('hunter2');
});

test('a name with several addresses that all refuse is one sentence, and what is not of the database stays', () => {
  const refused = (address: string) => Object.assign(new Error(`connect ECONNREFUSED ${address}`));
  const several = Object.assign(new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432')]), {
    code: 'ECONNREFUSED',
  });
  expect(explainPostgres(several, 'postgres://ann@localhost:5432/stint')).toMatchObject({
    problems: [{ code: 'store-unreachable', why: 'connect ECONNREFUSED ::1:5432' }],
  });
  const bug = new TypeError('x');
  expect(explainPostgres(bug, '')).toBe(bug);
});
