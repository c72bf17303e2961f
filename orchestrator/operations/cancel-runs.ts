import type { Answer } from '../contract/routes.ts';
import { describeState } from '../run/describe-state.ts';
import { isSettled } from '../run/is-settled.ts';
import { isAtRest } from '../run/state.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

/** Asks, and does not wait: who attends a run sees what was asked of it. */
export async function cancelRuns(
  {
    workplace,
    caller,
  }: { readonly workplace: Pick<Desk['workplace'], 'store' | 'now'>; readonly caller: Desk['caller'] },
  { runs }: { readonly runs: readonly string[] },
): Promise<Answer<'cancelRuns'>> {
  const { store, now } = workplace;
  const records = await findRuns(store, runs, caller);
  const rows = [];
  // All are asked before any is waited for: what they hold ends at the same time.
  for (const { id, profile } of records) {
    const { run } = await store.runs.state(id);
    const { state } = run;
    const asked = !isAtRest(state);
    if (asked) await store.requests.ask(id, 'cancel', now());
    const settled = isSettled(run, profile.backend.kind === 'kubernetes');
    rows.push({ id, asked, settled, summary: describeState(state) });
  }
  return { runs: rows };
}
