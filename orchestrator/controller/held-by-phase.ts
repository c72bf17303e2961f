import type { LedgerFact } from '../ledger/fact.ts';
import { heldByPhase as sumByPhase } from '../ledger/held-time.ts';
import { podsInDoubt, stepSigns, withSeen } from '../ledger/seen-facts.ts';
import { type HeldTime, type PodStatement, type Statement, statement } from '../ledger/statement.ts';
import type { Store } from '../ports/store.ts';
import type { Sight } from './sight.ts';

interface Reader {
  readonly store: Pick<Store, 'ledger' | 'steps'>;
}

/** What tells how long the pods of these runs, or of all, have held their devices: what is recorded, and what else is known. */
export async function factsOf(
  { store }: Reader,
  sight: Sight,
  runs?: readonly string[],
): Promise<{ readonly recorded: number; readonly all: readonly LedgerFact[] }> {
  const recorded = await store.ledger.facts(runs);
  const seen = sight.facts.filter(({ run }) => runs?.includes(run) ?? true);
  const facts = withSeen(recorded, seen);
  const signs: LedgerFact[] = [];
  for (const [run, own] of Map.groupBy(facts, (fact) => fact.run)) {
    const pods = podsInDoubt(own, Number.isFinite(sight.watchedUntil(run)));
    if (pods.length > 0) signs.push(...stepSigns(pods, await store.steps.curve(run)));
  }
  return { recorded: recorded.length, all: [...facts, ...signs] };
}

/** What the pods of these runs, or of all, have held. */
export async function statementOf(
  reader: Reader,
  sight: Sight,
  runs?: readonly string[],
): Promise<Statement & { readonly facts: number }> {
  const { recorded, all } = await factsOf(reader, sight, runs);
  return { ...statement(all, sight), facts: recorded };
}

export const podStatements = async (
  reader: Reader,
  sight: Sight,
  runs?: readonly string[],
): Promise<readonly PodStatement[]> => (await statementOf(reader, sight, runs)).pods;

/** Held time of one run by phase. */
export const runHeldByPhase = async (reader: Reader, sight: Sight, run: string): Promise<HeldTime> =>
  sumByPhase(await podStatements(reader, sight, [run]));
