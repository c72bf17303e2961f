import { StintError } from '../errors/stint-error.ts';
import { foldRun } from '../run/evolve.ts';
import { isAlive } from '../run/pod-facts.ts';
import { releasedEvents } from '../run/released-events.ts';
import type { RunRecord } from '../run/run-record.ts';
import { requireHere } from './elsewhere.ts';
import { podStatements } from './held-by-phase.ts';
import { holdLease } from './hold-lease.ts';
import { keepHistory } from './keep-history.ts';
import { knownPods } from './known-pods.ts';
import { observeRun, type RunObserver } from './observe-run.ts';
import { Settlement } from './settlement.ts';
import { watching } from './sight.ts';
import { makeWakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

export interface SettleReleasedOptions {
  /** Takes everything of the run off its cluster; the records of its pods when `ended` has come. Safe to repeat. */
  readonly remove: (ended: () => Promise<void>) => Promise<void>;
  /** Aborted when nobody waits for the pods' ends any more. */
  readonly interrupt: AbortSignal;
  readonly onWarning: (message: string) => void;
}

/** Held and in doubt in all, when nothing of it is left; GPU-milliseconds. */
export interface Released {
  readonly held: number;
  readonly doubtful: number;
}

const LOOK_WITHIN_MILLISECONDS = 10_000;
/** As of a run at work: a pod's log is read to its end within a moment of its end. */
const DRAIN_MILLISECONDS = 5_000;
/** From SIGKILL until its node has said that a pod has ended. */
const WORD_OF_NODE_MILLISECONDS = 10_000;

/**
 * Takes a run that nobody works on off its cluster, and leaves the store knowing it: what is seen of its pods is recorded
 * before they are asked to end, their ends before their records go, and of pods of which no end was seen in time, that they
 * are gone; then the run is at rest. Safe to repeat: whatever a first try has left out, the next one does.
 *
 * @throws StintError `run-is-held` when a process works on it, `cluster-unreachable` when it cannot be seen: no record is
 *   taken away then.
 */
export async function settleReleased(
  workplace: Workplace,
  record: RunRecord,
  { remove, interrupt, onWarning }: SettleReleasedOptions,
): Promise<Released> {
  requireHere(workplace, record, 'release it');
  const lease = await holdLease(workplace, record.id);
  const watched = new AbortController();
  try {
    const cluster = await workplace.clusterFor(record.profile);
    const wakeup = makeWakeup(workplace);
    const settlement = new Settlement(workplace, record, { require: lease.require });
    const observer = observeRun(
      cluster,
      workplace,
      record.id,
      {
        onPods: (pods) => settlement.onPods(pods),
        onMissing: (uids) => settlement.onMissing(uids),
        onEvents: (pod, events) => settlement.onEvents(pod, events),
        onWarning,
        keepLog: workplace.keptLogs.open,
        onChange: wakeup.wake,
      },
      await knownPods(workplace, record.id),
      watched.signal,
    );
    const waitFor = async (isSo: () => boolean, milliseconds: number, until?: AbortSignal) => {
      until?.addEventListener('abort', wakeup.wake, { signal: watched.signal });
      for (const giveUp = workplace.now() + milliseconds; !isSo() && workplace.now() < giveUp; ) {
        if (until?.aborted) break;
        await wakeup.wait(() => giveUp);
      }
      return isSo();
    };
    const isAnswered = () => observer.seen() !== null || observer.denied() !== undefined;
    await waitFor(isAnswered, LOOK_WITHIN_MILLISECONDS);
    // Somebody waits for this command, and can ask for what is missing.
    if (observer.seen() === null) throw observer.denied() ?? notSeen(record.id);
    await drain(workplace, observer, endedPods(observer));
    const keep = () => keepHistory(workplace, record, { require: lease.require, onWarning });
    await keep();
    await remove(async () => {
      const patience = record.profile.grace * 1_000 + WORD_OF_NODE_MILLISECONDS;
      await waitFor(() => observer.seen()?.pods.some(isAlive) === false, patience, interrupt);
      // Records that go next may say of an end what was not heard while the cluster was silent.
      const answers = await waitFor(() => observer.seen() !== null, LOOK_WITHIN_MILLISECONDS, interrupt);
      if (!answers && !interrupt.aborted) throw observer.denied() ?? silentSince(record.id);
      await drain(workplace, observer, endedPods(observer));
      await keep();
    });
    await lease.require();
    const open = (await podStatements(workplace, watching(workplace.now()), [record.id])).filter(
      ({ end }) => end === 'open',
    );
    await settlement.onMissing(open.map(({ pod }) => pod));
    const events = await workplace.store.runs.events(record.id);
    await workplace.store.runs.append(
      record.id,
      events.length,
      workplace.now(),
      releasedEvents(foldRun(events)),
    );
    await keep();
    return await heldInAll(workplace, record.id);
  } finally {
    watched.abort();
    await lease.release();
  }
}

const endedPods = (observer: RunObserver): readonly string[] =>
  (observer.seen()?.pods ?? []).filter((pod) => !isAlive(pod)).map(({ name }) => name);

async function drain(
  { sleep }: Pick<Workplace, 'sleep'>,
  observer: RunObserver,
  pods: readonly string[],
): Promise<void> {
  const read = new AbortController();
  await Promise.race([observer.drained(pods), sleep(DRAIN_MILLISECONDS, read.signal)]);
  read.abort();
}

async function heldInAll(workplace: Pick<Workplace, 'store' | 'now'>, run: string): Promise<Released> {
  const pods = await podStatements(workplace, watching(workplace.now()), [run]);
  return {
    held: pods.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0),
    doubtful: pods.reduce((sum, { doubtfulMilliseconds }) => sum + doubtfulMilliseconds, 0),
  };
}

const notSeen = (run: string): StintError =>
  new StintError({
    code: 'cluster-unreachable',
    where: run,
    what: `the cluster did not say in time what it has of ${run}; nothing was released`,
    why: 'what its pods held is recorded before they are taken away',
    todo: 'see that the cluster answers (`stint doctor --cluster PROFILE`), then release it again',
  });

const silentSince = (run: string): StintError =>
  new StintError({
    code: 'cluster-unreachable',
    where: run,
    what: `the cluster does not say any more what it has of ${run}: its pods were asked to end, and nobody has seen that they did`,
    why: 'their ends stand in their records, which are taken away last',
    todo: 'once the cluster answers (`stint doctor --cluster PROFILE`), release it again',
  });
