import type { Answer } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { describeState } from '../run/describe-state.ts';
import type { RunEvent } from '../run/event.ts';
import { isSettled } from '../run/is-settled.ts';
import { giveUp } from '../run/proceed.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type Run } from '../run/state.ts';
import { isConflict } from '../store/store-error.ts';
import type { Desk } from './desk.ts';
import { findRuns } from './find-runs.ts';

type Recorder = Pick<Workplace, 'store' | 'now'>;

/** Asks, and does not wait: who attends a run sees what was asked of it. */
export async function cancelRuns(
  { workplace, caller }: { readonly workplace: Recorder; readonly caller: Desk['caller'] },
  { runs }: { readonly runs: readonly string[] },
): Promise<Answer<'cancelRuns'>> {
  const { store, now } = workplace;
  const records = await findRuns(store, runs, caller);
  const rows = [];
  // All are asked before any is waited for: what they hold ends at the same time.
  for (const { id, profile } of records) {
    const run = await givenUp(workplace, id);
    const { state } = run;
    const asked = !isAtRest(state);
    if (asked) await store.requests.ask(id, 'cancel', now());
    const settled = isSettled(run, profile.backend.kind === 'kubernetes');
    rows.push({ id, asked, settled, summary: describeState(state) });
  }
  return { runs: rows };
}

/** Nobody works on a run that was interrupted, so nobody could be asked: that a person has ended it is recorded at once. */
async function givenUp({ store, now }: Recorder, id: RunRecord['id']): Promise<Run> {
  const { run, seq } = await store.runs.state(id);
  if (run.state.kind !== 'interrupted') return run;
  // What its cluster has let go of stays let go.
  const events: readonly RunEvent[] = [
    ...giveUp({ cancel: true }, run.state),
    ...(run.released ? [{ type: 'released' } as const] : []),
  ];
  try {
    await store.runs.append(id, seq, now(), events);
  } catch (error) {
    // Somebody has resumed it meanwhile, or cancelled it as well.
    if (!isConflict(error)) throw error;
  }
  return (await store.runs.state(id)).run;
}
