import { PHASES } from '../wire/phase.ts';
import type { HeldTime, PodStatement } from './statement.ts';
import { USES, type UsedTime } from './use.ts';

/** GPU-milliseconds by phase over all pods. */
export const heldByPhase = (pods: readonly PodStatement[]): HeldTime =>
  added(
    PHASES,
    pods.map(({ phases }) => phases),
  );

/** GPU-milliseconds by what they were good for, over all pods. */
export const heldByUse = (pods: readonly PodStatement[]): UsedTime =>
  added(
    USES,
    pods.map(({ uses }) => uses),
  );

function added<K extends string>(
  keys: readonly K[],
  times: readonly Readonly<Partial<Record<K, number>>>[],
): Readonly<Partial<Record<K, number>>> {
  const sum: Partial<Record<K, number>> = {};
  for (const each of times)
    for (const key of keys) {
      const time = each[key];
      if (time !== undefined) sum[key] = (sum[key] ?? 0) + time;
    }
  return sum;
}

/** Productive share of the held time, in [0, 1]; null when none was held. */
export function goodput(uses: UsedTime): number | null {
  const total = USES.reduce((sum, use) => sum + (uses[use] ?? 0), 0);
  return total === 0 ? null : (uses.productive ?? 0) / total;
}
