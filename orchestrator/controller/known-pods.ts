import type { PodStatement } from '../ledger/statement.ts';
import type { KnownPod } from '../run/number-attempts.ts';
import { podStatements } from './held-by-phase.ts';
import { watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** The pods of a run that the ledger has, by uid. */
export async function knownPods(
  workplace: Pick<Workplace, 'store' | 'now'>,
  run: string,
): Promise<ReadonlyMap<string, KnownPod>> {
  return knownBy(await podStatements(workplace, watching(workplace.now()), [run]));
}

/** By uid. */
export function knownBy(pods: readonly PodStatement[]): ReadonlyMap<string, KnownPod> {
  return new Map(
    pods.map(({ pod, stage, attempt, from, end, doubtUntil }) => [
      pod,
      { stage, attempt, boundAt: from, endedAt: end === 'open' ? undefined : doubtUntil },
    ]),
  );
}
