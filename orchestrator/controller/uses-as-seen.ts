import type { BudgetBook, DayUse, Scope } from '../budget/book.ts';
import { type PodStatement, statement } from '../ledger/statement.ts';
import { usageDays } from '../ledger/usage-day.ts';
import type { RunRecord } from '../run/run-record.ts';
import { factsOf, podStatements } from './held-by-phase.ts';
import type { UnattendedSight } from './look-at-unattended.ts';
import { type Sight, watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

type UsingRun = Pick<RunRecord, 'id' | 'recipe' | 'profile'>;

/** What a run's pods have held, day by day. */
export async function dayUsesOf(
  workplace: Pick<Workplace, 'store'>,
  sight: Sight,
  run: UsingRun,
): Promise<readonly DayUse[]> {
  return usesBy(run, await podStatements(workplace, sight, [run.id]));
}

/** What a run's pods will have held if those that hold devices now go on, and no others come. */
export interface UsesAhead {
  readonly at: (time: number) => readonly DayUse[];
  /** Whether any of them goes on. */
  readonly grow: boolean;
}

export async function usesAhead(
  workplace: Pick<Workplace, 'store' | 'now'>,
  run: UsingRun,
): Promise<UsesAhead> {
  const now = workplace.now();
  const { all } = await factsOf(workplace, watching(now), [run.id]);
  const podsAt = (time: number) => statement(all, watching(time)).pods;
  return {
    at: (time) => usesBy(run, podsAt(time)),
    grow: podsAt(now).some(({ end, devices }) => end === 'open' && devices > 0),
  };
}

function usesBy({ id, recipe, profile }: UsingRun, pods: readonly PodStatement[]): readonly DayUse[] {
  const scope = scopeOf(recipe);
  return pods.flatMap(usageDays).map(({ deviceModel, capacity, region, day, gpuMilliseconds }) => {
    const priced = { deviceModel, capacity, region, day, listedPrice: profile.price ?? null };
    return { run: id, ...scope, ...priced, gpuMilliseconds };
  });
}

/** The book with what was just seen in the place of what is recorded, of the runs that nobody works on. */
export async function bookAsSeen(
  workplace: Pick<Workplace, 'store'>,
  sight: UnattendedSight,
  book: BudgetBook,
): Promise<BudgetBook> {
  const looked = new Set(sight.looked.map(({ id }) => id));
  const seen: DayUse[] = [];
  for (const record of sight.looked) seen.push(...(await dayUsesOf(workplace, sight, record)));
  return { ...book, uses: [...book.uses.filter(({ run }) => !looked.has(run)), ...seen] };
}

export const scopeOf = ({ team, project }: RunRecord['recipe']): Scope => ({
  team: team ?? null,
  project: project ?? null,
});
