import type { Kysely } from 'kysely';
import { StintError } from '../errors/stint-error.ts';
import { initial } from './migrations/0001-initial.ts';
import { usage } from './migrations/0002-usage.ts';
import { budgets } from './migrations/0003-budgets.ts';
import { hosts } from './migrations/0004-hosts.ts';
import { closedRuns } from './migrations/0005-closed-runs.ts';
import { doubtBeside } from './migrations/0006-doubt-beside.ts';
import { runStates } from './migrations/0007-run-states.ts';
import { evaluatedCheckpoints } from './migrations/0008-evaluated-checkpoints.ts';
import { tokens } from './migrations/0009-tokens.ts';
import { attendants } from './migrations/0010-attendants.ts';
import { answers } from './migrations/0011-answers.ts';
import { changes } from './migrations/0012-changes.ts';
import { reports } from './migrations/0013-reports.ts';
import { indexedAdmission } from './migrations/0014-indexed-admission.ts';
import type { Database } from './schema.ts';

type Migration = (db: Kysely<Database>) => Promise<void>;

/** Version n is what the first n of these made. Never change one that was released: add another. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  usage,
  budgets,
  hosts,
  closedRuns,
  doubtBeside,
  runStates,
  evaluatedCheckpoints,
  tokens,
  attendants,
  answers,
  changes,
  reports,
  indexedAdmission,
];

type Versions = { readonly schema_versions: { version: number } };

interface MigrateOptions {
  readonly migrations?: readonly Migration[];
  /** Lets one transaction at a time go on, where beginning to write does not. */
  readonly lock?: Migration;
}

/**
 * Brings the tables to the newest version, in one transaction: a crash leaves the old version, and of several
 * processes that open a new database at once, one makes the tables and the others wait.
 *
 * @throws StintError `store-newer` when a later Stint has written here.
 */
export async function migrate(
  db: Kysely<Database>,
  where: string,
  { migrations = MIGRATIONS, lock }: MigrateOptions = {},
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lock?.(transaction);
    const versions = transaction.$extendTables<Versions>();
    await versions.schema
      .createTable('schema_versions')
      .ifNotExists()
      .addColumn('version', 'integer', (column) => column.primaryKey())
      .execute();
    const newest = await versions
      .selectFrom('schema_versions')
      .select((select) => select.fn.max('version').as('version'))
      .executeTakeFirst();
    const version = newest?.version ?? 0;
    if (version > migrations.length) throw newerStore(where, version, migrations.length);
    for (const [index, migration] of migrations.entries()) {
      if (index < version) continue;
      await migration(transaction);
      await versions
        .insertInto('schema_versions')
        .values({ version: index + 1 })
        .execute();
    }
  });
}

function newerStore(where: string, found: number, known: number): StintError {
  return new StintError({
    code: 'store-newer',
    where,
    what: `the store has version ${found}, and this Stint knows versions up to ${known}`,
    why: 'a later Stint has written to it; an earlier one could misread what it does not know',
    todo: 'use the later Stint, or name another store: --home, or --store',
  });
}
