import type { Kysely } from 'kysely';
import type { Database } from '../schema.ts';

export async function initial(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('arm', 'text', (column) => column.notNull())
    .addColumn('ablation_id', 'text')
    .addColumn('ablation_name', 'text')
    .addColumn('factor', 'text')
    .addColumn('factor_value', 'text')
    .addColumn('recipe', 'text', (column) => column.notNull())
    .addColumn('recipe_digest', 'text', (column) => column.notNull())
    .addColumn('profile', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('runs_by_ablation').on('runs').column('ablation_id').execute();

  await db.schema
    .createTable('run_events')
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('run_events_key', ['run', 'seq'])
    .execute();

  // No reference to runs: a pod that belongs to no known run holds devices too, and its facts must be kept.
  await db.schema
    .createTable('ledger_facts')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('ledger_facts_by_run').on('ledger_facts').columns(['run', 'at']).execute();

  await db.schema
    .createTable('checkpoints')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('files', 'text', (column) => column.notNull())
    .addColumn('lineage', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('checkpoints_once_a_run', ['run', 'digest'])
    .execute();
  await db.schema.createIndex('checkpoints_by_digest').on('checkpoints').column('digest').execute();

  await db.schema
    .createTable('evaluations')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('steps')
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('loss', 'double precision')
    .addColumn('tokens', 'bigint', (column) => column.notNull())
    .addColumn('seconds', 'double precision', (column) => column.notNull())
    .addPrimaryKeyConstraint('steps_key', ['run', 'step', 'attempt'])
    .execute();

  await db.schema
    .createTable('leases')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('pid', 'bigint', (column) => column.notNull())
    .addColumn('heartbeat_at', 'bigint', (column) => column.notNull())
    .execute();

  await db.schema
    .createTable('requests')
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('requests_key', ['run', 'kind'])
    .execute();
}
