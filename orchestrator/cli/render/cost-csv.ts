import type { CostRecord } from '../../ledger/cost-records.ts';
import type { CostDimension } from '../../ledger/cost-rows.ts';
import { USES } from '../../ledger/use.ts';
import { renderCsv } from './csv.ts';

const FIELDS = [
  'gpuMilliseconds',
  'doubtfulGpuMilliseconds',
  'goodput',
  'cost',
  'costOfWaste',
  'currency',
] as const;

/** The records with one column a use, empty where rows do not tell uses apart. */
export function costCsv(records: readonly CostRecord[], by: readonly CostDimension[]): string {
  const rows = records.map((record) => [
    ...by.map((dimension) => record[dimension] ?? null),
    ...FIELDS.map((field) => record[field]),
    ...USES.map((use) => record.uses?.[use] ?? null),
  ]);
  return renderCsv([...by, ...FIELDS, ...USES.map((use) => `use:${use}`)], rows);
}
