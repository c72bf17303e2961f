import { type RawBuilder, sql } from 'kysely';

/** Of a row of `ledger_heads`: the run's kept usage is not what its facts say by now. An index holds those alone. */
export const isUsageStale: RawBuilder<boolean> = sql<boolean>`ledger_heads.summed <> ledger_heads.version`;
