import type { Cluster } from '../ports/cluster.ts';
import { currentPlan } from '../run/current-plan.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type Run } from '../run/state.ts';
import { collectStage } from './collect-stage.ts';
import type { ControlOptions } from './control-options.ts';
import { requireHere } from './elsewhere.ts';
import { Heartbeats } from './heartbeats.ts';
import { type HeldLease, holdLease } from './hold-lease.ts';
import { keepHistory } from './keep-history.ts';
import { knownPods } from './known-pods.ts';
import { observeRun, type RunObserver } from './observe-run.ts';
import { ownBudget } from './own-budget.ts';
import { heldAsSeen } from './retry-limits.ts';
import type { EffectContext } from './run-effect.ts';
import { runLoop } from './run-loop.ts';
import { Settlement } from './settlement.ts';
import { sharedBudgetsOf } from './shared-budgets.ts';
import { stagedInputs } from './stage-inputs.ts';
import { scopeOf } from './uses-as-seen.ts';
import { makeWakeup, type Wakeup } from './wakeup.ts';
import { watchBudgets } from './watch-budgets.ts';
import type { Workplace } from './workplace.ts';

/** A pod's log is read to its end within a moment of its end; a node that is gone has none to give. */
const DRAIN_MILLISECONDS = 5_000;

/**
 * Works on a run until it is at rest and the cluster keeps nothing of it, and gives what became of it. What a process
 * that died has left is taken over where it lives on, and proven dead and settled where it cannot. A store that is out of reach
 * for a while, or in which somebody else was faster, ends nothing.
 *
 * @throws StintError `run-is-held` when another process works on it; `run-is-elsewhere` when only another machine can; what
 *   the cluster refuses again and again: the run goes on there as it is.
 */
export async function attendRun(
  workplace: Workplace,
  record: RunRecord,
  options: ControlOptions,
): Promise<Run> {
  requireHere(workplace, record, 'go on with it');
  const lease = await holdLease(workplace, record.id);
  const watching = new AbortController();
  try {
    const cluster = await workplace.clusterFor(record.profile);
    if (!cluster.outlives) await cluster.fence(record.id, { signal: lease.lost });
    const attended = await observed(workplace, record, {
      options,
      lease,
      cluster,
      signal: watching.signal,
    });
    const run = await runLoop({
      ...attended,
      context: await effectContext(attended),
      held: heldAsSeen(workplace, record.id),
      budgets: watchBudgets(workplace, record),
      settle: (events) => settleHung(attended, events),
    });
    if (isAtRest(run.state)) {
      await attended.observer.drained();
      await keepHistory(workplace, record, { ...attended, require: lease.require });
    }
    return run;
  } finally {
    watching.abort();
    await lease.release();
  }
}

/** What works on one run while it is attended. */
interface AttendedRun {
  readonly workplace: Workplace;
  readonly record: RunRecord;
  readonly options: ControlOptions;
  readonly lease: HeldLease;
  readonly cluster: Cluster;
  readonly wakeup: Wakeup;
  readonly settlement: Settlement;
  readonly heartbeats: Heartbeats;
  readonly observer: RunObserver;
  readonly onWarning: (message: string) => void;
}

interface Place extends Pick<AttendedRun, 'options' | 'lease' | 'cluster'> {
  readonly signal: AbortSignal;
}

/** Begins to watch the run: what is seen goes into the ledger first, and wakes the loop then. */
async function observed(
  workplace: Workplace,
  record: RunRecord,
  { options, lease, cluster, signal }: Place,
): Promise<AttendedRun> {
  const run = record.id;
  const { onProgress } = options;
  const wakeup = makeWakeup(workplace);
  wakeFor({ workplace, record, options, lease }, wakeup.wake, signal);
  const settlement = new Settlement(workplace, record, { onProgress, require: lease.require });
  const heartbeats = new Heartbeats(record.plan);
  const onWarning = (message: string) => {
    workplace.log.warn({ run }, message);
    onProgress({ kind: 'warning', run, message });
  };
  const observer = observeRun(
    cluster,
    workplace,
    run,
    {
      onPods: (pods) => settlement.onPods(pods),
      onMissing: (uids) => settlement.onMissing(uids),
      onEvents: async (pod, events) => {
        if (heartbeats.take(pod, events)) wakeup.wake();
        await settlement.onEvents(pod, events);
      },
      onWarning,
      // Elsewhere a pod's log stays where it is.
      ...(cluster.outlives && { keepLog: workplace.keptLogs.open }),
      onChange: wakeup.wake,
    },
    await knownPods(workplace, run),
    signal,
  );
  return {
    workplace,
    record,
    options,
    lease,
    cluster,
    wakeup,
    settlement,
    heartbeats,
    observer,
    onWarning,
  };
}

/** Beside what is seen of it, a run is woken by what others write of it, by its budgets, and by the end of this process's part. */
function wakeFor(
  { workplace, record, options, lease }: Pick<AttendedRun, 'workplace' | 'record' | 'options' | 'lease'>,
  wake: () => void,
  ended: AbortSignal,
): void {
  const signals = [options.interrupt, options.force, lease.lost];
  for (const signal of signals) signal.addEventListener('abort', wake, { signal: ended });
  const subscriptions = [
    workplace.store.changes.subscribe(record.id, wake),
    sharedBudgetsOf(workplace).watch(scopeOf(record.recipe), wake),
  ];
  ended.addEventListener('abort', () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  });
}

/** What effects know of the run, and what has to be settled before they may be done. */
async function effectContext(attended: AttendedRun): Promise<EffectContext> {
  const { workplace, record, options, lease, cluster, settlement, observer } = attended;
  const { store } = workplace;
  return {
    decision: { ...record, run: record.id, inputs: await stagedInputs(workplace.workFolder(record)) },
    templates: await workplace.loadTemplates(),
    cluster,
    force: options.force,
    plan: async () => currentPlan(record.plan, await store.runs.events(record.id)),
    run: async () => (await store.runs.state(record.id)).run,
    reachedStep: () => store.steps.reached(record.id),
    collect: async (stage) => {
      const budget = ownBudget(record, (await store.runs.state(record.id)).run);
      await lease.require();
      return collectStage(workplace, { ...record, recipe: { ...record.recipe, budget } }, stage);
    },
    onStop: async () => {
      const events = await store.runs.events(record.id);
      const asked = events.findLast(
        ({ event }) => event.type === 'stop-requested' || event.type === 'attempt-condemned',
      );
      await settlement.asksToEnd(observer.seen()?.pods ?? [], asked?.at ?? workplace.now());
    },
    onWarning: attended.onWarning,
    appeared: observer.appeared,
    onRelease: async (pods) => {
      await readToTheEnd(attended, pods);
      await keepHistory(workplace, record, { ...attended, require: lease.require });
    },
    onOrder: lease.require,
  };
}

async function readToTheEnd({ workplace, observer }: AttendedRun, pods: readonly string[]): Promise<void> {
  const read = new AbortController();
  await Promise.race([observer.drained(pods), workplace.sleep(DRAIN_MILLISECONDS, read.signal)]);
  read.abort();
}

/** An attempt that stood still has hung from its last step on, and the ledger knows that before its end is recorded. */
async function settleHung(attended: AttendedRun, events: readonly RunEvent[]): Promise<void> {
  const { observer, settlement } = attended;
  for (const event of events) {
    if (event.type !== 'attempt-ended' || event.exitClass !== 'hung') continue;
    const own = observer.seen()?.pods.filter(({ attempt }) => attempt === event.attempt) ?? [];
    await readToTheEnd(
      attended,
      own.map(({ name }) => name),
    );
    await settlement.hung(event);
  }
}
