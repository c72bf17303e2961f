import type { FollowingFrom } from '../contract/streams.ts';
import { isAttended } from '../controller/is-attended.ts';
import { makeWakeup } from '../controller/wakeup.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import { isSettled } from '../run/is-settled.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type RunState } from '../run/state.ts';
import type { Desk } from './desk.ts';
import type { ProgressHub } from './progress-hub.ts';

/** The store tells of each change; should it ever not, the state is read all the same. */
const LOOK_MILLISECONDS = 30_000;
/** That nobody works on a run any more is no change of it. */
const SETTLING_MILLISECONDS = 1_000;

/**
 * Tells what becomes of a run until it is at rest and nobody has anything left to do for it: its states as they are recorded,
 * whoever attends it, and what it does meanwhile where that is this process.
 *
 * @param after - States up to this one of the run's events are known.
 * @param onState - Told of each state, with the number of the last event before it.
 */
export async function followRun(
  { store, now, sleep, isAlive }: Pick<Desk['workplace'], 'store' | 'now' | 'sleep' | 'isAlive'>,
  hub: Pick<ProgressHub, 'subscribe'>,
  record: Pick<RunRecord, 'id' | 'createdAt' | 'profile'>,
  { signal, onProgress, onState, after }: FollowingFrom,
): Promise<RunState | null> {
  const { id } = record;
  const outlives = record.profile.backend.kind === 'kubernetes';
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
      if (isSettled(run, outlives)) return run.state;
      const resting = isAtRest(run.state);
      // What could not be settled is given up, and let go of.
      if (resting && !(await isAttended({ store, now, isAlive }, record))) return run.state;
      const again = now() + (resting ? SETTLING_MILLISECONDS : LOOK_MILLISECONDS);
      await wakeup.wait(() => again);
    }
    return null;
  } finally {
    unsubscribe();
    ignore();
    signal.removeEventListener('abort', wakeup.wake);
  }
}
