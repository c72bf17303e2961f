import { type RawBuilder, sql } from 'kysely';

/** Of a run whose `ledger_heads` and `usage_heads` are joined: its kept usage is not what its facts say by now. */
export const isUsageStale: RawBuilder<boolean> = sql<boolean>`(
  usage_heads.version is null or usage_heads.version != ledger_heads.version or usage_heads.open = 1
)`;
