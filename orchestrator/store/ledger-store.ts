import type { Kysely } from 'kysely';
import { contradiction } from '../ledger/distinct-facts.ts';
import type { LedgerFact } from '../ledger/fact.ts';
import type { LedgerStore } from '../ports/store.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import { fromJson } from './json-column.ts';
import type { Database } from './schema.ts';

/** Rows a statement: four values each, below the 32,766 and 65,535 that SQLite and PostgreSQL bind. */
const ROWS_PER_INSERT = 1_000;

export function makeLedgerStore(db: Kysely<Database>): LedgerStore {
  return {
    async record(facts) {
      if (facts.length > 0) await db.transaction().execute((transaction) => recordFacts(transaction, facts));
    },

    async facts(runs) {
      if (runs?.length === 0) return [];
      let query = db.selectFrom('ledger_facts').select('body');
      if (runs !== undefined) query = query.where('run', 'in', runs);
      const rows = await query.orderBy('run').orderBy('at').orderBy('key').execute();
      return rows.map(({ body }) => fromJson(body));
    },

    async runs() {
      const rows = await db.selectFrom('ledger_heads').select('run').orderBy('run').execute();
      return rows.map(({ run }) => run);
    },
  };
}

/** Call it in a transaction. @throws StintError `ledger-contradiction`. */
export async function recordFacts(db: Kysely<Database>, facts: readonly LedgerFact[]): Promise<void> {
  const all = facts.map(rowOf).toSorted(byKey);
  const changed = new Set<string>();
  for (let start = 0; start < all.length; start += ROWS_PER_INSERT) {
    const rows = all.slice(start, start + ROWS_PER_INSERT);
    const added = await db
      .insertInto('ledger_facts')
      .values(rows)
      .onConflict((known) => known.column('key').doNothing())
      .returning(['key', 'run'])
      .execute();
    for (const { run } of added) changed.add(run);
    if (added.length < rows.length) await refuseContradictions(db, rows);
  }
  await advanceHeads(db, [...changed].toSorted());
}

async function advanceHeads(db: Kysely<Database>, runs: readonly string[]): Promise<void> {
  if (runs.length === 0) return;
  await db
    .insertInto('ledger_heads')
    .values(runs.map((run) => ({ run, version: 1 })))
    .onConflict((known) =>
      known.column('run').doUpdateSet((is) => ({ version: is('ledger_heads.version', '+', 1) })),
    )
    .execute();
}

async function refuseContradictions(db: Kysely<Database>, rows: readonly Row[]): Promise<void> {
  const keys = rows.map(({ key }) => key);
  const kept = await db.selectFrom('ledger_facts').select(['key', 'body']).where('key', 'in', keys).execute();
  const bodies = new Map(kept.map(({ key, body }) => [key, body]));
  for (const { key, body } of rows) {
    const known = bodies.get(key);
    if (known !== undefined && known !== body) throw contradiction(key, [known, body]);
  }
}

type Row = Database['ledger_facts'];

/** Two processes that write the same facts wait for each other, and never both at once. */
const byKey = (a: Row, b: Row): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

const rowOf = (fact: LedgerFact): Row => ({
  key: fact.key,
  run: fact.run,
  at: fact.at,
  body: canonicalJson(fact),
});
