import { heldByPhase as sumByPhase } from '../ledger/held-time.ts';
import { type HeldTime, type PodStatement, statement } from '../ledger/statement.ts';
import type { Workplace } from './workplace.ts';

type Reader = Pick<Workplace, 'store' | 'now'>;

/** What the pods of these runs, or of all, have held until now. */
export async function podStatements(
  { store, now }: Reader,
  runs?: readonly string[],
): Promise<readonly PodStatement[]> {
  return statement(await store.ledger.facts(runs), now()).pods;
}

/** Held time of one run by phase. */
export const heldByPhase = async (workplace: Reader, run: string): Promise<HeldTime> =>
  sumByPhase(await podStatements(workplace, [run]));
