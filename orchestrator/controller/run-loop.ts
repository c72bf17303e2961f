import { isStintError } from '../errors/stint-error.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cluster } from '../ports/cluster.ts';
import { warningText } from '../run/budget-standing.ts';
import { currentPlan } from '../run/current-plan.ts';
import { decide } from '../run/decide.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import { foldRun } from '../run/evolve.ts';
import { isSettled } from '../run/is-settled.ts';
import { MAX_RETRIES } from '../run/max-retries.ts';
import {
  begun,
  foreseenObstacles,
  lasting,
  nextTurnOf,
  type Obstacle,
  overdueOutcome,
} from '../run/obstacle.ts';
import { isAlive } from '../run/pod-facts.ts';
import type { RunRecord } from '../run/run-record.ts';
import { stagesOf } from '../run/stages.ts';
import { isAtRest, type Run } from '../run/state.ts';
import type { View } from '../run/view.ts';
import { type Announcer, makeAnnouncer } from './announcer.ts';
import type { ControlOptions } from './control-options.ts';
import { type Effects, makeEffects } from './effects.ts';
import { givenUp } from './given-up.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { HeldLease } from './hold-lease.ts';
import { withPrediction } from './measure-prediction.ts';
import type { RunObserver } from './observe-run.ts';
import { ownBudget } from './own-budget.ts';
import { plannedAnew } from './planned-anew.ts';
import { type heldAsSeen, mayHold } from './retry-limits.ts';
import { pauseAfter } from './retry-policy.ts';
import type { EffectContext } from './run-effect.ts';
import type { Wakeup } from './wakeup.ts';
import type { BudgetWatch } from './watch-budgets.ts';
import type { Workplace } from './workplace.ts';

/**
 * Whatever a run waits for wakes it. Should a wake ever be missed it is looked at all the same, each run at another time, within
 * ten minutes (ops/decisions/0051-a-run-is-woken-by-what-happens.md).
 */
const LOOK_AGAIN_MILLISECONDS = 600_000;

export interface LoopWork {
  readonly workplace: Workplace;
  readonly record: RunRecord;
  readonly options: ControlOptions;
  readonly wakeup: Wakeup;
  readonly observer: RunObserver;
  readonly context: EffectContext;
  readonly cluster: Cluster;
  readonly heartbeats: Heartbeats;
  readonly budgets: BudgetWatch;
  readonly held: ReturnType<typeof heldAsSeen>;
  /** What the ledger has to know before these are recorded. */
  readonly settle: (events: readonly RunEvent[]) => Promise<void>;
  readonly lease: HeldLease;
  readonly onWarning: (message: string) => void;
}

/** `again`: something was recorded, and more may follow from it. `due`: nothing changes by time alone before that. */
type Turn = 'again' | { readonly due: () => number } | { readonly done: Run } | { readonly refused: unknown };

/**
 * Reads, looks, decides, records and acts, turn by turn, until the run is done with. What passes by itself ends no run: a store
 * that is out of reach, or in which somebody else was faster, is read again after a pause and decided on again, and is told once.
 *
 * @throws StintError what was refused again and again, and `lease-lost`; whatever nobody has foreseen.
 */
export async function runLoop(work: LoopWork): Promise<Run> {
  const { workplace, record, options, wakeup, onWarning } = work;
  const effects = makeEffects(work);
  const announce = makeAnnouncer(record.id, options.onProgress);
  let failures = 0;
  for (;;) {
    wakeup.looking();
    const turn = await takeTurn(work, effects, announce).catch((error: unknown) => {
      if (!passes(error) || isLeaving(options, work.cluster)) throw error;
      return { passing: error };
    });
    if (turn === 'again') {
      failures = 0;
      continue;
    }
    if ('done' in turn) return turn.done;
    if ('refused' in turn) throw givenUp(record.id, turn.refused);
    if ('passing' in turn) {
      failures += 1;
      if (failures === 1)
        onWarning(`what becomes of ${record.id} is not recorded yet, trying again: ${String(turn.passing)}`);
      const [next = options.force] = [options.interrupt, options.force].filter(({ aborted }) => !aborted);
      await workplace.sleep(pauseAfter('passes', failures), next);
      continue;
    }
    failures = 0;
    const latest = workplace.now() + Math.round(LOOK_AGAIN_MILLISECONDS * (0.5 + workplace.random() / 2));
    await wakeup.wait(() => Math.min(latest, turn.due()));
  }
}

/** Another process that has taken the run over is not waited for: it goes on with it. */
const passes = (error: unknown): boolean =>
  isStintError(error) &&
  (error.code === 'conflict' || (error.kind === 'unavailable' && error.code !== 'lease-lost'));

/** Whoever goes away waits for no store, where nothing of the run is lost with it or there is no time left. */
const isLeaving = ({ interrupt, force }: ControlOptions, { outlives }: Cluster): boolean =>
  interrupt.aborted && (outlives || force.aborted);

async function takeTurn(work: LoopWork, effects: Effects, announce: Announcer): Promise<Turn> {
  const { workplace, record, options, cluster } = work;
  const recorded = await workplace.store.runs.events(record.id);
  // After they were read: none of these is of another process that has seen more than this one.
  await work.lease.require();
  const run = foldRun(recorded);
  announce.state(run.state);
  if (isDone(run, options, cluster)) return { done: run };
  const unread = work.observer.refusal();
  if (unread) await keepWhy(work, recorded, unread.error);
  const refusal = effects.refusal() ?? unread;
  if (refusal) return { refused: refusal.error };

  const followed = effects.takeEvents();
  try {
    const plan = currentPlan(record.plan, recorded);
    const { view, obstacles, due } = await look(work, { run, plan, isLaunching: effects.isLaunching() });
    announce.obstacles(lasting(obstacles, workplace.now()));
    const decision = decide(run, view);
    const decided = followed.length > 0 ? followed : decision.events;
    if (await recordAfter(work, recorded, decided)) return 'again';
    for (const effect of decision.effects) effects.start(effect);
    return { due };
  } catch (error) {
    effects.giveBack(followed);
    throw error;
  }
}

/** Whoever looks at the run later is told, too, once for each cause. */
async function keepWhy(
  { workplace, record }: LoopWork,
  recorded: readonly RecordedEvent[],
  error: unknown,
): Promise<void> {
  const message = `the pods of ${record.id} could not be read, and it was given up: ${String(error)}`;
  if (recorded.some(({ event }) => event.type === 'warned' && event.message === message)) return;
  const events = [{ type: 'warned', message }] as const;
  await workplace.store.runs.append(record.id, recorded.length, workplace.now(), events);
}

/** Gives whether there was anything to record. */
async function recordAfter(
  work: LoopWork,
  recorded: readonly RecordedEvent[],
  decided: readonly RunEvent[],
): Promise<boolean> {
  const { workplace, record } = work;
  const events = await withPrediction(workplace, record, recorded, decided);
  if (events.length === 0) return false;
  await work.settle(events);
  await workplace.store.runs.append(record.id, recorded.length, workplace.now(), events);
  for (const event of events) tell(work, event);
  return true;
}

function tell({ workplace, record, options }: LoopWork, event: RunEvent): void {
  const run = record.id;
  workplace.log.info({ run, event }, event.type);
  const again = event.type === 'plan-reviewed' ? plannedAnew(record.plan, event.plan) : null;
  if (again !== null) options.onProgress({ kind: 'planned', run, message: again });
  if (event.type !== 'budget-warned') return;
  const message = `${run}: ${warningText(event)}`;
  options.onProgress({ kind: 'warning', run, message });
}

/** Nothing is left to do for it, or it goes on without this process. */
function isDone(run: Run, { interrupt }: ControlOptions, { outlives }: Cluster): boolean {
  return isSettled(run, outlives) || (interrupt.aborted && outlives);
}

interface Sighted {
  readonly view: View;
  readonly obstacles: readonly Obstacle[];
  /** When it may look otherwise although nothing has happened. */
  readonly due: () => number;
}

async function look(
  { workplace, record, options, observer, cluster, heartbeats, held, budgets }: LoopWork,
  { run, plan, isLaunching }: { readonly run: Run; readonly plan: Plan; readonly isLaunching: boolean },
): Promise<Sighted> {
  const { state } = run;
  heartbeats.expect(plan);
  const own = ownBudget(record, run);
  const seen = observer.seen();
  const { backend } = record.profile;
  const isUnderway = state.kind === 'running' || state.kind === 'stopping';
  const foreseen = () =>
    seen && isUnderway && backend.kind === 'kubernetes'
      ? foreseenObstacles(state, seen, backend.deadlines, heartbeats.of(state))
      : [];
  const obstacles = begun(foreseen(), workplace.now());
  // Of a run at rest nothing more is used.
  const outlook = isAtRest(state) ? undefined : await budgets(own, plan);
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
    ...(outlook && { budget: outlook.standing }),
  };
  const lookedAt = workplace.now();
  // Its trainer may have told of itself since: then it stands still later.
  const due = () => Math.min(nextTurnOf(foreseen(), lookedAt), outlook?.until ?? Number.POSITIVE_INFINITY);
  return { view, obstacles, due };
}
