import type { Cluster } from '../../cluster/port.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import type { BudgetStanding } from '../run/budget-standing.ts';
import { warningText } from '../run/budget-standing.ts';
import { currentPlan } from '../run/current-plan.ts';
import { decide } from '../run/decide.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import { foldRun } from '../run/evolve.ts';
import { isSettled } from '../run/is-settled.ts';
import { MAX_RETRIES } from '../run/max-retries.ts';
import { lasting, type Obstacle, obstaclesOf, overdueOutcome } from '../run/obstacle.ts';
import { isAlive } from '../run/pod-facts.ts';
import { stagesOf } from '../run/stages.ts';
import { isAtRest, type Run } from '../run/state.ts';
import type { View } from '../run/view.ts';
import type { RunRecord } from '../store/port.ts';
import { makeAnnouncer } from './announcer.ts';
import { collectStage } from './collect-stage.ts';
import type { ControlOptions } from './control-options.ts';
import { makeEffects } from './effects.ts';
import { requireHere } from './elsewhere.ts';
import { givenUp } from './given-up.ts';
import { Heartbeats } from './heartbeats.ts';
import { type HeldLease, holdLease } from './hold-lease.ts';
import { knownPods } from './known-pods.ts';
import { withPrediction } from './measure-prediction.ts';
import { observeRun, type RunObserver } from './observe-run.ts';
import { ownBudget } from './own-budget.ts';
import { plannedAnew } from './planned-anew.ts';
import { heldAsSeen, mayHold } from './retry-limits.ts';
import type { EffectContext } from './run-effect.ts';
import { settlePods } from './settle-pods.ts';
import { stagedInputs } from './stage-inputs.ts';
import { makeWakeup, type Wakeup } from './wakeup.ts';
import { watchBudgets } from './watch-budgets.ts';
import type { Workplace } from './workplace.ts';

/** Without a change the loop looks again after this long: what other processes ask for is read then. */
const LOOK_AGAIN_MILLISECONDS = 500;
/** A pod's log is read to its end within a moment of its end; a node that is gone has none to give. */
const DRAIN_MILLISECONDS = 5_000;

/**
 * Works on a run until it is at rest and the cluster keeps nothing of it, and gives what became of it. What a process
 * that died has left is taken over where it lives on, and proven dead and settled where it cannot.
 *
 * @throws StintError `run-is-held` when another process works on it; `run-is-elsewhere` when only another machine can; what
 *   the cluster refuses again and again: the run goes on there as it is.
 */
export async function controlRun(
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
    const wakeup = makeWakeup(workplace);
    const settlement = settlePods(workplace, record, options.onProgress);
    const heartbeats = new Heartbeats(record.plan);
    const onWarning = (message: string) => {
      workplace.log.warn({ run: record.id }, message);
      options.onProgress({ kind: 'warning', run: record.id, message });
    };
    const observer = observeRun(
      cluster,
      workplace,
      record.id,
      {
        onPods: async (pods) => {
          await lease.require();
          await settlement.onPods(pods);
        },
        onMissing: settlement.onMissing,
        onWarning,
        // Elsewhere a pod's log stays where it is.
        ...(cluster.outlives && { keepLog: workplace.keptLogs.open }),
        onChange: wakeup.wake,
        onEvents: async (pod, events) => {
          heartbeats.take(pod, events);
          await settlement.onEvents(pod, events);
        },
      },
      await knownPods(workplace, record.id),
      watching.signal,
    );
    const readToTheEnd = async (pods: readonly string[]) => {
      const read = new AbortController();
      await Promise.race([observer.drained(pods), workplace.sleep(DRAIN_MILLISECONDS, read.signal)]);
      read.abort();
    };
    const context: EffectContext = {
      decision: { ...record, run: record.id, inputs: await stagedInputs(workplace.workFolder(record)) },
      templates: await workplace.loadTemplates(),
      cluster,
      force: options.force,
      plan: async () => currentPlan(record.plan, await workplace.store.runs.events(record.id)),
      run: async () => (await workplace.store.runs.state(record.id)).run,
      reachedStep: () => workplace.store.steps.reached(record.id),
      collect: async (stage) => {
        const budget = ownBudget(record, (await workplace.store.runs.state(record.id)).run);
        return collectStage(workplace, { ...record, recipe: { ...record.recipe, budget } }, stage);
      },
      onStop: async () => {
        const events = await workplace.store.runs.events(record.id);
        const asked = events.findLast(
          ({ event }) => event.type === 'stop-requested' || event.type === 'attempt-condemned',
        );
        await settlement.asksToEnd(observer.seen()?.pods ?? [], asked?.at ?? workplace.now());
      },
      onWarning,
      appeared: observer.appeared,
      onRelease: readToTheEnd,
      onOrder: lease.require,
    };
    const budgets = watchBudgets(workplace, record);
    const settle = async (events: readonly RunEvent[]) => {
      for (const event of events)
        if (event.type === 'attempt-ended' && event.exitClass === 'hung') {
          const own = observer.seen()?.pods.filter(({ attempt }) => attempt === event.attempt) ?? [];
          await readToTheEnd(own.map(({ name }) => name));
          await settlement.hung(event);
        }
    };
    const work = {
      workplace,
      record,
      options,
      wakeup,
      observer,
      context,
      cluster,
      heartbeats,
      settle,
      budgets,
    };
    const held = heldAsSeen(workplace, record.id);
    const run = await loop({ ...work, held, lease });
    if (isAtRest(run.state)) await observer.drained();
    return run;
  } finally {
    watching.abort();
    await lease.release();
  }
}

interface Loop {
  readonly workplace: Workplace;
  readonly record: RunRecord;
  readonly options: ControlOptions;
  readonly wakeup: Wakeup;
  readonly observer: RunObserver;
  readonly context: EffectContext;
  readonly cluster: Cluster;
  readonly heartbeats: Heartbeats;
  readonly budgets: (own: RunBudget | undefined, plan: Plan) => Promise<BudgetStanding>;
  readonly held: ReturnType<typeof heldAsSeen>;
  /** What the ledger has to know before these are recorded. */
  readonly settle: (events: readonly RunEvent[]) => Promise<void>;
  readonly lease: HeldLease;
}

async function loop(work: Loop): Promise<Run> {
  const { workplace, record, options, wakeup, cluster } = work;
  const effects = makeEffects(work);
  for (const signal of [options.interrupt, options.force]) signal.addEventListener('abort', wakeup.wake);
  const announce = makeAnnouncer(record.id, options.onProgress);
  for (;;) {
    const recorded = await workplace.store.runs.events(record.id);
    // After they were read: none of these is of another process that has seen more than this one.
    await work.lease.require();
    const run = foldRun(recorded);
    announce.state(run.state);
    if (isDone(run, options, cluster)) return run;
    const unread = work.observer.refusal();
    if (unread) await keepWhy(work, recorded, unread.error);
    const refusal = effects.refusal() ?? unread;
    if (refusal) throw givenUp(record.id, refusal.error);

    const followed = effects.takeEvents();
    const plan = currentPlan(record.plan, recorded);
    const { view, obstacles } = await look(work, { run, plan, isLaunching: effects.isLaunching() });
    announce.obstacles(lasting(obstacles, workplace.now()));
    const decision = decide(run, view);
    const decided = followed.length > 0 ? followed : decision.events;
    const events = await withPrediction(workplace, record, recorded, decided);
    if (events.length > 0) {
      await work.settle(events);
      for (const event of events) tell(work, event);
      await workplace.store.runs.append(record.id, recorded.length, workplace.now(), events);
      continue;
    }
    for (const effect of decision.effects) effects.start(effect);
    await wakeup.wait(LOOK_AGAIN_MILLISECONDS);
  }
}

/** Whoever looks at the run later is told, too, once for each cause. */
async function keepWhy(
  { workplace, record }: Loop,
  recorded: readonly RecordedEvent[],
  error: unknown,
): Promise<void> {
  const message = `the pods of ${record.id} could not be read, and it was given up: ${String(error)}`;
  if (recorded.some(({ event }) => event.type === 'warned' && event.message === message)) return;
  const events = [{ type: 'warned', message }] as const;
  await workplace.store.runs.append(record.id, recorded.length, workplace.now(), events);
}

function tell({ workplace, record, options }: Loop, event: RunEvent): void {
  const run = record.id;
  workplace.log.info({ run, event }, event.type);
  const anew = event.type === 'plan-reviewed' ? plannedAnew(record.plan, event.plan) : null;
  if (anew !== null) options.onProgress({ kind: 'planned', run, message: anew });
  if (event.type !== 'budget-warned') return;
  const message = `${run}: ${warningText(event)}`;
  options.onProgress({ kind: 'warning', run, message });
}

/** Nothing is left to do for it, or it goes on without this process. */
function isDone(run: Run, { interrupt }: ControlOptions, { outlives }: Cluster): boolean {
  return isSettled(run, outlives) || (interrupt.aborted && outlives);
}

async function look(
  { workplace, record, options, observer, cluster, heartbeats, held, budgets }: Loop,
  { run, plan, isLaunching }: { readonly run: Run; readonly plan: Plan; readonly isLaunching: boolean },
): Promise<{ readonly view: View; readonly obstacles: readonly Obstacle[] }> {
  const { state } = run;
  heartbeats.expect(plan);
  const own = ownBudget(record, run);
  const seen = observer.seen();
  const { backend } = record.profile;
  const isUnderway = state.kind === 'running' || state.kind === 'stopping';
  const obstacles =
    seen && isUnderway && backend.kind === 'kubernetes'
      ? obstaclesOf(state, seen, backend.deadlines, heartbeats.of(state), workplace.now())
      : [];
  const view = {
    stages: stagesOf(record.recipe),
    // What is about to be there must not be taken for gone: whoever cancels now would leave it behind.
    seen: isLaunching ? null : seen,
    trouble: overdueOutcome(obstacles, workplace.now()),
    cancel: (await workplace.store.requests.askedAt(record.id, 'cancel')) !== null,
    interrupt: options.interrupt.aborted && !cluster.outlives,
    maxRetries: MAX_RETRIES,
    // It matters only when an attempt has ended.
    held: isUnderway && !(state.over === null && seen?.pods.some(isAlive)) ? await held(seen) : 0,
    maxHeld: mayHold(plan, own),
    // Of a run at rest nothing more is used.
    ...(!isAtRest(state) && { budget: await budgets(own, plan) }),
  };
  return { view, obstacles };
}
