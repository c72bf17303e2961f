import type { BudgetBook, Scope, Use } from '../budget/book.ts';
import { usageDays } from '../ledger/usage-day.ts';
import type { RunRecord } from '../store/port.ts';
import { podStatements } from './held-by-phase.ts';
import type { UnattendedSight } from './look-at-unattended.ts';
import type { Sight } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** What a run's pods have held, day by day. */
export async function usesOf(
  workplace: Pick<Workplace, 'store'>,
  sight: Sight,
  { id, recipe, profile }: Pick<RunRecord, 'id' | 'recipe' | 'profile'>,
): Promise<readonly Use[]> {
  const scope = scopeOf(recipe);
  const pods = await podStatements(workplace, sight, [id]);
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
  const seen: Use[] = [];
  for (const record of sight.looked) seen.push(...(await usesOf(workplace, sight, record)));
  return { ...book, uses: [...book.uses.filter(({ run }) => !looked.has(run)), ...seen] };
}

export const scopeOf = ({ team, project }: RunRecord['recipe']): Scope => ({
  team: team ?? null,
  project: project ?? null,
});
