import { type Caller, seesTeam } from '../contract/caller.ts';
import type { Store } from '../ports/store.ts';

/** Those of the rows, each of a run, that the caller may see; for a caller of all teams nothing is read. */
export async function seenBy<Row extends { readonly run: string }>(
  caller: Caller,
  { runs }: Pick<Store, 'runs'>,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  if (caller.team === null) return rows;
  const records = await Promise.all(rows.map(({ run }) => runs.find(run)));
  return rows.filter((_, index) => seesTeam(caller, records[index]?.recipe.team));
}
