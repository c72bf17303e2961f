import type { KnownPod } from '../run/number-attempts.ts';
import { podStatements } from './held-by-phase.ts';
import { watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** The pods of a run that the ledger has, by uid. */
export async function knownPods(
  workplace: Pick<Workplace, 'store' | 'now'>,
  run: string,
): Promise<ReadonlyMap<string, KnownPod>> {
  const pods = await podStatements(workplace, watching(workplace.now()), [run]);
  return new Map(
    pods.map(({ pod, stage, attempt, from, end, doubtUntil }) => [
      pod,
      { stage, attempt, boundAt: from, endedAt: end === 'open' ? undefined : doubtUntil },
    ]),
  );
}
