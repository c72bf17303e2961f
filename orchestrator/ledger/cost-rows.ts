import { PHASES, type Phase } from '../wire/phase.ts';
import { checkConservation } from './conservation.ts';
import { type Amount, amountOf, type Price } from './price.ts';
import type { Priced } from './price-on.ts';
import { dayText } from './usage-day.ts';
import type { UsageSum } from './usage-sum.ts';
import { USES, type Use, type UsedTime } from './use.ts';

/** What a row of a statement may be told apart by, besides what the store can: months of days, phases of held time. */
export const COST_DIMENSIONS = [
  'run',
  'recipe',
  'project',
  'team',
  'costCenter',
  'node',
  'stage',
  'month',
  'phase',
] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

/** Money by what it was spent on, exactly, in one currency. */
export interface Cost {
  readonly currency: string;
  readonly total: Amount;
  /** Of it, all but what productive time has cost. */
  readonly waste: Amount;
}

export interface CostRow {
  /** Null where a run says nothing of it, or is not known. */
  readonly key: Readonly<Partial<Record<CostDimension, string | null>>>;
  readonly gpuMilliseconds: number;
  readonly doubtfulMilliseconds: number;
  /** Null in rows of one phase, which do not tell uses apart. */
  readonly uses: UsedTime | null;
  /** Null where no price is known, which is not a price of zero. */
  readonly cost: Cost | null;
}

export type PriceOf = (time: Priced) => Price | null;

/**
 * Rows of a statement, one for each group and currency, in the order in which groups first appear; held time without a
 * price has rows of its own. Nothing is lost or counted twice between sums and rows.
 *
 * @throws StintError `ledger-conservation`.
 */
export function costRows(
  sums: readonly UsageSum[],
  by: readonly CostDimension[],
  priceOf: PriceOf,
): readonly CostRow[] {
  const rows = new Map<string, CostRow>();
  for (const sum of sums) {
    const price = priceOf(sum);
    for (const part of partsOf(sum, by)) {
      if (part.gpuMilliseconds === 0) continue;
      const key = keyOf(sum, by, part.phase);
      const name = JSON.stringify([by.map((dimension) => key[dimension]), price?.currency]);
      rows.set(name, added(rows.get(name), key, part, price));
    }
  }
  const all = [...rows.values()];
  const held = sums.reduce((total, { gpuMilliseconds }) => total + gpuMilliseconds, 0);
  checkConservation(
    all.map(({ gpuMilliseconds }) => gpuMilliseconds),
    held,
    `all pods by ${by.join(' and ')}`,
  );
  return all;
}

/** All rows of one currency as one; `key` is empty. */
export const sumRows = (rows: readonly CostRow[]): CostRow =>
  rows.reduce<CostRow>((sum, row) => merged(sum, row), {
    key: {},
    gpuMilliseconds: 0,
    doubtfulMilliseconds: 0,
    uses: {},
    cost: null,
  });

export const wasteOf = (uses: UsedTime): number =>
  USES.reduce((sum, use) => sum + (use === 'productive' ? 0 : (uses[use] ?? 0)), 0);

interface Part extends Pick<CostRow, 'gpuMilliseconds' | 'doubtfulMilliseconds' | 'uses'> {
  readonly phase: Phase | null;
}

/** A sum whole, or phase by phase. Doubt belongs to no phase, so it is told with whole sums alone. */
function partsOf(sum: UsageSum, by: readonly CostDimension[]): readonly Part[] {
  const { gpuMilliseconds, doubtfulMilliseconds, uses, phases } = sum;
  if (!by.includes('phase')) return [{ phase: null, gpuMilliseconds, doubtfulMilliseconds, uses }];
  return PHASES.map((phase) => ({
    phase,
    gpuMilliseconds: phases[phase] ?? 0,
    doubtfulMilliseconds: 0,
    uses: null,
  }));
}

function keyOf({ key, day }: UsageSum, by: readonly CostDimension[], phase: Phase | null): CostRow['key'] {
  return Object.fromEntries(
    by.map((dimension) => {
      if (dimension === 'month') return [dimension, dayText(day).slice(0, 7)];
      return [dimension, dimension === 'phase' ? phase : (key[dimension] ?? null)];
    }),
  );
}

function added(row: CostRow | undefined, key: CostRow['key'], part: Part, price: Price | null): CostRow {
  const { gpuMilliseconds, doubtfulMilliseconds, uses } = part;
  const cost = price && {
    currency: price.currency,
    total: amountOf(gpuMilliseconds, price),
    waste: amountOf(uses === null ? 0 : wasteOf(uses), price),
  };
  const one = { key, gpuMilliseconds, doubtfulMilliseconds, uses, cost };
  return row ? merged(row, one) : one;
}

function merged(row: CostRow, other: CostRow): CostRow {
  return {
    key: row.key,
    gpuMilliseconds: row.gpuMilliseconds + other.gpuMilliseconds,
    doubtfulMilliseconds: row.doubtfulMilliseconds + other.doubtfulMilliseconds,
    uses: row.uses && other.uses && addedUses(row.uses, other.uses),
    cost: addedCost(row.cost, other.cost),
  };
}

function addedUses(uses: UsedTime, others: UsedTime): UsedTime {
  const sum: Partial<Record<Use, number>> = {};
  for (const use of USES) {
    const time = (uses[use] ?? 0) + (others[use] ?? 0);
    if (time > 0) sum[use] = time;
  }
  return sum;
}

function addedCost(cost: Cost | null, other: Cost | null): Cost | null {
  if (cost === null || other === null) return cost ?? other;
  const { currency } = cost;
  return { currency, total: cost.total + other.total, waste: cost.waste + other.waste };
}
