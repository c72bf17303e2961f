import { type Phase, PhaseSchema } from '../wire/trainer-event.ts';
import { checkConservation } from './conservation.ts';
import { type Amount, amountOf, type Price } from './price.ts';
import type { PodStatement } from './statement.ts';

export type Dimension = 'run' | 'stage' | 'phase' | 'node' | 'deviceModel' | 'pod';

/** Held time and its cost, of all pods that agree in the dimensions that were asked for; the others are absent. */
export interface Row extends Readonly<Partial<Record<Dimension, string>>> {
  readonly gpuMilliseconds: number;
  /** Null where no price is known, which is not a price of zero. */
  readonly cost: { readonly amount: Amount; readonly currency: string } | null;
}

/**
 * Sums over pods, one row for each group and currency, in the order in which groups first appear. The rows' time is the
 * pods' time exactly.
 *
 * @throws StintError `ledger-conservation`.
 */
export function rollUp(
  pods: readonly PodStatement[],
  dimensions: readonly Dimension[],
  priceOf: (pod: PodStatement) => Price | null,
): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const pod of pods) {
    const price = priceOf(pod);
    for (const [phase, gpuMilliseconds] of portions(pod, dimensions)) {
      const values = dimensions.map((dimension) => (dimension === 'phase' ? phase : pod[dimension]));
      const key = JSON.stringify([...values, price?.currency]);
      const group = Object.fromEntries(dimensions.map((dimension, index) => [dimension, values[index]]));
      const row = rows.get(key) ?? {
        ...group,
        gpuMilliseconds: 0,
        cost: price && { amount: 0n, currency: price.currency },
      };
      rows.set(key, add(row, gpuMilliseconds, price));
    }
  }
  const held = pods.reduce((total, pod) => total + pod.gpuMilliseconds, 0);
  const summed = [...rows.values()];
  checkConservation(
    summed.map((row) => row.gpuMilliseconds),
    held,
    `all pods by ${dimensions.join(' and ')}`,
  );
  return summed;
}

/** A pod's time by phase where rows tell phases apart, else whole. */
function portions(
  pod: PodStatement,
  dimensions: readonly Dimension[],
): readonly (readonly [Phase, number])[] {
  if (!dimensions.includes('phase')) return [['starting', pod.gpuMilliseconds]];
  return PhaseSchema.options.flatMap((phase) => {
    const time = pod.phases[phase];
    return time === undefined ? [] : [[phase, time] as const];
  });
}

function add(row: Row, gpuMilliseconds: number, price: Price | null): Row {
  const sum = { ...row, gpuMilliseconds: row.gpuMilliseconds + gpuMilliseconds };
  if (price === null || row.cost === null) return sum;
  const amount = row.cost.amount + amountOf(gpuMilliseconds, price);
  return { ...sum, cost: { amount, currency: price.currency } };
}
