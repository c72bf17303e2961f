import { podStatements } from '../controller/held-by-phase.ts';
import { lookAtUnattended, type UnattendedSight } from '../controller/look-at-unattended.ts';
import { refreshUsage } from '../controller/refresh-usage.ts';
import { type RunDescription, sumDays } from '../ledger/sum-days.ts';
import { usageDays } from '../ledger/usage-day.ts';
import type { UsageDimension, UsageSum } from '../ledger/usage-sum.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/** Of which runs and days usage is asked; of a caller of one team, of that team's runs alone. */
export interface UsageSpan {
  readonly runs?: readonly string[] | undefined;
  /** Days since 1970-01-01 in UTC: the first, and the one after the last. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface Usage {
  readonly sums: readonly UsageSum[];
  /** Ids of the runs that were meant; undefined: all. */
  readonly runs: readonly string[] | undefined;
  readonly sight: UnattendedSight;
}

/** What is recorded, and in its place what was just seen of runs that nobody works on. @throws StintError `no-such-run`. */
export async function usageOf(
  { workplace, caller }: Desk,
  { runs: references, since, until }: UsageSpan,
  by: readonly UsageDimension[],
): Promise<Usage> {
  const { store } = workplace;
  const named = references && (await findRuns(store, references, caller)).map(({ id }) => id);
  const runs =
    named ??
    (caller.team === null
      ? undefined
      : (await store.runs.summaries({ team: caller.team })).map(({ id }) => id));
  const sight = await lookAtUnattended(workplace, runs);
  await refreshUsage(workplace);
  const days = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
  const looked = sight.looked.filter(({ id }) => runs?.includes(id) ?? true);
  const ids = looked.map(({ id }) => id);
  const recorded = await store.usage.sum({ by, ...days, ...(runs && { runs }), except: ids });
  const pods = ids.length === 0 ? [] : await podStatements(workplace, sight, ids);
  const sums = [...recorded, ...sumDays(pods.flatMap(usageDays), by, describedBy(looked), days)];
  return { sums, runs, sight };
}

function describedBy(records: readonly RunRecord[]): (run: string) => RunDescription | undefined {
  const known = new Map(
    records.map(({ id, name, recipe, profile }): [string, RunDescription] => [
      id,
      {
        recipe: name,
        team: recipe.team ?? null,
        project: recipe.project ?? null,
        costCenter: recipe.costCenter ?? null,
        listedPrice: profile.price ?? null,
      },
    ]),
  );
  return (run) => known.get(run);
}
