import type { Priced } from './price-on.ts';
import type { UsageDay } from './usage-day.ts';
import type { UsageDimension, UsageSum } from './usage-sum.ts';

/** What is known of a run beside its pods. */
export interface RunDescription
  extends Readonly<Record<Exclude<UsageDimension, 'run' | 'stage' | 'node'>, string | null>>,
    Pick<Priced, 'listedPrice'> {}

/** Days since 1970-01-01 in UTC: the first, and the one after the last. */
interface DayRange {
  readonly since?: number;
  readonly until?: number;
}

/** The sums that the store makes of what it keeps, made of days that it does not have. */
export function sumDays(
  days: readonly UsageDay[],
  by: readonly UsageDimension[],
  describe: (run: string) => RunDescription | undefined,
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: DayRange = {},
): readonly UsageSum[] {
  const sums = new Map<string, UsageSum>();
  for (const day of days.filter((each) => each.day >= since && each.day < until)) {
    const sum = sumOfDay(day, by, describe(day.run));
    const { key, deviceModel, capacity, region, listedPrice } = sum;
    const group = JSON.stringify([key, deviceModel, capacity, region, day.day, listedPrice]);
    const known = sums.get(group);
    sums.set(group, known === undefined ? sum : added(known, sum));
  }
  return [...sums.values()];
}

function sumOfDay(day: UsageDay, by: readonly UsageDimension[], run: RunDescription | undefined): UsageSum {
  const { deviceModel, capacity, region, gpuMilliseconds, doubtfulMilliseconds, phases, uses } = day;
  const told = { run: day.run, stage: day.stage, node: day.node, ...run };
  const key = Object.fromEntries(by.map((dimension) => [dimension, told[dimension] ?? null]));
  const priced = { deviceModel, capacity, region, day: day.day, listedPrice: run?.listedPrice ?? null };
  return { key, ...priced, gpuMilliseconds, doubtfulMilliseconds, phases, uses };
}

const added = (a: UsageSum, b: UsageSum): UsageSum => ({
  ...a,
  gpuMilliseconds: a.gpuMilliseconds + b.gpuMilliseconds,
  doubtfulMilliseconds: a.doubtfulMilliseconds + b.doubtfulMilliseconds,
  phases: addedParts(a.phases, b.phases),
  uses: addedParts(a.uses, b.uses),
});

function addedParts<K extends string>(
  a: Readonly<Partial<Record<K, number>>>,
  b: Readonly<Partial<Record<K, number>>>,
): Readonly<Partial<Record<K, number>>> {
  const parts: Partial<Record<K, number>> = { ...a };
  for (const name of Object.keys(b) as K[]) parts[name] = (parts[name] ?? 0) + (b[name] ?? 0);
  return parts;
}
