import { usageDays } from '../ledger/usage-day.ts';
import { podStatements } from './held-by-phase.ts';
import { type Sight, sightOfLeases } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** Runs whose facts are read at once: a run has hundreds of facts, a store thousands of runs. */
const RUNS_AT_ONCE = 200;

/**
 * Brings what the store sums up to the facts that it has, and pods that go on to when they were last known to live. What is
 * only seen goes into no sum that is kept.
 */
export async function refreshUsage(
  workplace: Pick<Workplace, 'store' | 'now' | 'isAlive'>,
  sight?: Omit<Sight, 'facts'>,
): Promise<void> {
  const { store } = workplace;
  const stale = await store.usage.stale();
  if (stale.length === 0) return;
  const known = { ...(sight ?? (await sightOfLeases(workplace))), facts: [] };
  for (let start = 0; start < stale.length; start += RUNS_AT_ONCE) {
    const part = stale.slice(start, start + RUNS_AT_ONCE);
    const pods = await podStatements(
      workplace,
      known,
      part.map(({ run }) => run),
    );
    const days = Map.groupBy(pods.flatMap(usageDays), ({ run }) => run);
    await store.usage.replace(part.map(({ run, version }) => ({ run, version, days: days.get(run) ?? [] })));
  }
}
