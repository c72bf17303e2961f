import type { Kysely } from 'kysely';
import type { Scope } from '../budget/book.ts';
import { type Pricing, pricingOf } from '../ledger/pricing.ts';
import { profileOf } from './run-store.ts';
import type { Database } from './schema.ts';

export interface ReservationOwner extends Scope {
  readonly pricing: Pricing;
}

/** Who answers for what runs hold, and by what it is priced. */
export async function ownersOf(
  db: Kysely<Database>,
  runs: readonly string[],
): Promise<ReadonlyMap<string, ReservationOwner>> {
  if (runs.length === 0) return new Map();
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'team', 'project', 'profile'])
    .where('id', 'in', runs)
    .execute();
  return new Map(
    rows.map(({ id, team, project, profile }) => [
      id,
      { team, project, pricing: pricingOf(profileOf(profile)) },
    ]),
  );
}
