import { statement } from '../ledger/statement.ts';
import { usageDays } from '../ledger/usage-day.ts';
import type { Workplace } from './workplace.ts';

/** Runs whose facts are read at once: a run has hundreds of facts, a store thousands of runs. */
const RUNS_AT_ONCE = 200;

/** Brings what the store sums up to the facts that it has, and pods that go on to now. */
export async function refreshUsage({ store, now }: Pick<Workplace, 'store' | 'now'>): Promise<void> {
  const stale = await store.usage.stale();
  for (let start = 0; start < stale.length; start += RUNS_AT_ONCE) {
    const part = stale.slice(start, start + RUNS_AT_ONCE);
    const facts = await store.ledger.facts(part.map(({ run }) => run));
    const days = Map.groupBy(statement(facts, now()).pods.flatMap(usageDays), ({ run }) => run);
    await store.usage.replace(part.map(({ run, version }) => ({ run, version, days: days.get(run) ?? [] })));
  }
}
