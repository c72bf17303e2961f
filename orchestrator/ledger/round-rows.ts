import type { CostRow } from './cost-rows.ts';
import { type Amount, asHours, decimalsFor, roundAmounts } from './price.ts';

/** A row's figures as decimal text: of every column, the rows as printed add up to the total as printed. */
export interface RoundedRow {
  readonly deviceHours: string;
  readonly cost: string | null;
  readonly waste: string | null;
}

/**
 * The rows in text, each column rounded as a whole, and money by currency.
 *
 * @param decimals - Places behind the point; absent: as many as show three figures of the total.
 */
export function roundRows(rows: readonly CostRow[], decimals?: number): readonly RoundedRow[] {
  const hours = rounded(
    rows.map(({ gpuMilliseconds }) => asHours(gpuMilliseconds)),
    decimals,
  );
  const money = moneyColumns(rows, decimals);
  return rows.map((row, index) => ({
    deviceHours: hours[index] ?? '',
    cost: money.cost.get(row) ?? null,
    waste: row.uses === null ? null : (money.waste.get(row) ?? null),
  }));
}

function moneyColumns(rows: readonly CostRow[], decimals: number | undefined) {
  const cost = new Map<CostRow, string>();
  const waste = new Map<CostRow, string>();
  for (const [currency, group] of Map.groupBy(rows, (row) => row.cost?.currency)) {
    if (currency === undefined) continue;
    const totals = group.map((row) => row.cost?.total ?? 0n);
    const places = decimals ?? decimalsFor(sum(totals));
    const wastes = roundAmounts(
      group.map((row) => row.cost?.waste ?? 0n),
      places,
    );
    const texts = roundAmounts(totals, places);
    for (const [index, row] of group.entries()) {
      cost.set(row, texts[index] ?? '');
      waste.set(row, wastes[index] ?? '');
    }
  }
  return { cost, waste };
}

const rounded = (amounts: readonly Amount[], decimals?: number): readonly string[] =>
  roundAmounts(amounts, decimals ?? decimalsFor(sum(amounts)));

const sum = (amounts: readonly Amount[]): Amount => amounts.reduce((total, amount) => total + amount, 0n);
