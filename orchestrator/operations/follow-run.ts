import type { FollowingFrom } from '../contract/streams.ts';
import { makeWakeup } from '../controller/wakeup.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type RunState } from '../run/state.ts';
import type { Desk } from './desk.ts';
import type { ProgressHub } from './progress-hub.ts';

/** The store tells of each change; should it ever not, the state is read all the same. */
const LOOK_MILLISECONDS = 30_000;

/**
 * Tells what becomes of a run until it is at rest: its states as they are recorded, whoever attends it, and what it does meanwhile
 * where that is this process.
 *
 * @param after - States up to this one of the run's events are known.
 * @param onState - Told of each state, with the number of the last event before it.
 */
export async function followRun(
  { store, now, sleep }: Pick<Desk['workplace'], 'store' | 'now' | 'sleep'>,
  hub: Pick<ProgressHub, 'subscribe'>,
  { id }: Pick<RunRecord, 'id'>,
  { signal, onProgress, onState, after }: FollowingFrom,
): Promise<RunState | null> {
  const wakeup = makeWakeup({ now, sleep });
  const unsubscribe = hub.subscribe(id, (progress) => {
    if (progress.kind !== 'state') onProgress(progress);
  });
  const ignore = store.changes.subscribe(id, wakeup.wake);
  signal.addEventListener('abort', wakeup.wake);
  let told = '';
  try {
    while (!signal.aborted) {
      wakeup.looking();
      const { run, seq } = await store.runs.state(id);
      const text = canonicalJson(run.state);
      if (text !== told && seq > after) onState(run.state, seq);
      told = text;
      if (isAtRest(run.state)) return run.state;
      const again = now() + LOOK_MILLISECONDS;
      await wakeup.wait(() => again);
    }
    return null;
  } finally {
    unsubscribe();
    ignore();
    signal.removeEventListener('abort', wakeup.wake);
  }
}
