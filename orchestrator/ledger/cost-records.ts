import type { CostDimension, CostRow } from './cost-rows.ts';
import { goodput } from './held-time.ts';
import { roundRows } from './round-rows.ts';
import { USES, type Use } from './use.ts';

/** A row of a statement for programs. Field names are fixed; docs/cost.md says what each means. */
export type CostRecord = Readonly<
  Partial<Record<CostDimension, string | null>> & {
    gpuMilliseconds: number;
    doubtfulGpuMilliseconds: number;
    /** Null in rows of one phase. */
    uses: Readonly<Record<Use, number>> | null;
    goodput: number | null;
    /** Of nine places; null where no price is known. */
    cost: string | null;
    costOfWaste: string | null;
    currency: string | null;
  }
>;

/** Places in which money is written for programs; rows still add up to their total. */
export const EXACT_DECIMALS = 9;

export function costRecords(rows: readonly CostRow[]): readonly CostRecord[] {
  const texts = roundRows(rows, EXACT_DECIMALS);
  return rows.map(({ key, gpuMilliseconds, doubtfulMilliseconds, uses, cost }, index) => ({
    ...key,
    gpuMilliseconds,
    doubtfulGpuMilliseconds: doubtfulMilliseconds,
    uses:
      uses && (Object.fromEntries(USES.map((use) => [use, uses[use] ?? 0])) as Readonly<Record<Use, number>>),
    goodput: uses && goodput(uses),
    cost: texts[index]?.cost ?? null,
    costOfWaste: texts[index]?.waste ?? null,
    currency: cost?.currency ?? null,
  }));
}
