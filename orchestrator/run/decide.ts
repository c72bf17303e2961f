import { holdsDevices, isCollected } from '../wire/stage-traits.ts';
import { NOT_RETRIED } from '../wire/termination.ts';
import { afterEnd, whyNoRetry } from './after-end.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import { nodesToAvoid } from './avoid.ts';
import { warningKey } from './budget-standing.ts';
import type { Effect } from './effect.ts';
import type { RunEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { isOver, type JobFacts, type Observation } from './job-facts.ts';
import { isAlive, type PodFacts } from './pod-facts.ts';
import { barredBy, giveUp, notStarted, proceed } from './proceed.ts';
import { isLetGo, letGo } from './release.ts';
import { type ActiveState, isAtRest, type Outcome, type Run } from './state.ts';
import type { View } from './view.ts';

export interface Decision {
  /** To be recorded, in order, before any effect. */
  readonly events: readonly RunEvent[];
  readonly effects: readonly Effect[];
}

const WAIT: Decision = { events: [], effects: [] };

/**
 * The next thing for a run, from its state and what is seen. Pure and level-triggered: asked again with the same view it
 * gives the same answer, so a crash between recording and acting loses nothing.
 */
export function decide(run: Run, view: View): Decision {
  const { state } = run;
  const { seen } = view;
  const warnings = isAtRest(state) ? [] : freshWarnings(run, view);
  if (warnings.length > 0) return record(warnings);
  const decision = state.kind === 'running' || state.kind === 'stopping' ? underway(run, state, view) : WAIT;
  if (decision.events.length > 0) return decision;
  const old = seen === null ? [] : letGo(run, seen);
  if (old.length > 0) return { events: [], effects: [...old, ...decision.effects] };
  if (state.kind === 'queued') return record(proceed(run, view, run.attempt + 1));
  if (isAtRest(state) && !run.released && seen && isLetGo(seen)) return act({ do: 'clear' });
  return decision;
}

/** The part of what is seen that the newest launch is about. */
interface Scene {
  readonly job: JobFacts | undefined;
  /** Of the launch. */
  readonly pods: readonly PodFacts[];
  /** Of the attempt. */
  readonly own: readonly PodFacts[];
}

function sceneOf({ stage, launch, attempt }: ActiveState, seen: Observation): Scene {
  const pods = seen.pods.filter((pod) => pod.stage === stage && pod.launch === launch);
  const job = seen.jobs.find((each) => each.stage === stage && each.launch === launch);
  return { job, pods, own: pods.filter((pod) => pod.attempt === attempt) };
}

function underway(run: Run, state: ActiveState, view: View): Decision {
  if (view.seen === null) return WAIT;
  const scene = sceneOf(state, view.seen);
  if (hasEnded(state)) return awaitingNext(run, state, scene, view);
  const later = scene.pods.some((pod) => pod.attempt > state.attempt);
  if (scene.own.some(isAlive)) return whileItLives(state, { ...view, trouble: troubleOf(scene, view) });
  if (scene.own.length === 0 && !later) return withoutPods(run, state, scene, view);
  if (!isWholeEnd(scene, later)) return whileItLives(state, view);

  const { stage, attempt } = state;
  const outcome = attemptOutcome(state, scene.own, scene.job);
  if (outcome.exitClass === 'succeeded' && isCollected(stage) && !run.collected.includes(stage))
    return act({ do: 'collect', stage });
  const ended = { type: 'attempt-ended', stage, attempt, ...outcome } as const;
  // Whether its pods start again is told when the job has decided; where they have already, that comes first. What is sure
  // to end the same way, as for want of memory, is not left to it.
  const isFinal = outcome.exitClass === 'succeeded' || NOT_RETRIED.includes(outcome.exitClass);
  const isOpen = later || (goesOn(scene) && !isFinal);
  return record([ended, ...(isOpen ? [] : afterEnd(evolve(run, ended), view, ended, scene.job))]);
}

/** Some pods of a gang may have succeeded before the others are even there. */
function isWholeEnd({ own, job }: Scene, later: boolean): boolean {
  if (later || job === undefined || isOver(job)) return true;
  return own.some(({ phase }) => phase !== 'succeeded') || own.length >= job.size;
}

/** The job, or its queue, may start the pods again by itself. */
const goesOn = ({ job }: Scene): boolean => job !== undefined && !isOver(job);

function whileItLives(state: ActiveState, view: View): Decision {
  const wish = wishOf(state, view);
  if (wish) return record([wish]);
  return state.kind === 'stopping' ? act(stopOf(state)) : WAIT;
}

/** While its record is kept, what made its pods takes none of them with it when somebody deletes it. */
function troubleOf({ job }: Scene, { trouble }: View): View['trouble'] {
  if (job?.state !== 'held' || job.reason !== 'Deleted') return trouble;
  return { exitClass: 'interrupted', message: job.message };
}

/** Each is given once. */
const freshWarnings = ({ warned }: Run, { budget }: View): readonly RunEvent[] =>
  (budget?.warnings ?? [])
    .filter((warning) => !warned.includes(warningKey(warning)))
    .map((warning) => ({ type: 'budget-warned', ...warning }));

/** What is to be recorded before the attempt is asked to end; undefined when it shall go on, or was asked already. */
function wishOf(state: ActiveState, { cancel, interrupt, trouble, budget }: View): RunEvent | undefined {
  const why = cancel ? 'cancel' : interrupt ? 'interrupt' : undefined;
  if (why && !(state.kind === 'stopping' && state.why !== 'trouble')) return { type: 'stop-requested', why };
  if (!why && trouble && state.kind === 'running')
    return { type: 'attempt-condemned', stage: state.stage, attempt: state.attempt, ...trouble };
  // What stands still saves nothing, so it is ended as that. A stage without devices costs nothing while it ends.
  if (!why && budget?.reached && state.kind === 'running' && holdsDevices(state.stage))
    return { type: 'stop-requested', why: 'budget', budget: budget.reached };
  return undefined;
}

function withoutPods(run: Run, state: ActiveState, { job }: Scene, view: View): Decision {
  const { stage, launch, attempt } = state;
  if (job !== undefined && !isOver(job)) return whileItLives(state, view);
  const spent = state.kind === 'stopping' ? state.budget : barredBy(view, stage);
  if (job === undefined && spent && !view.cancel) return record([notStarted(stage, spent)]);
  const isUnwanted = view.cancel || view.interrupt || state.kind === 'stopping';
  if (job === undefined && !isUnwanted) return act({ do: 'launch', stage, attempt: launch });
  if (job === undefined && !(state.kind === 'stopping' && state.why === 'trouble'))
    return record(giveUp(view, state));
  const outcome = attemptOutcome(state, [], job);
  const ended = { type: 'attempt-ended', stage, attempt, ...outcome } as const;
  return record([ended, ...afterEnd(evolve(run, ended), view, ended, job)]);
}

type EndedState = ActiveState & { readonly over: Outcome };
const hasEnded = (state: ActiveState): state is EndedState => state.over !== null;

/** The attempt has ended: its job starts the pods again, or is over, too. */
function awaitingNext(run: Run, state: EndedState, scene: Scene, view: View): Decision {
  const { stage, attempt, over } = state;
  const next = scene.pods.find((pod) => pod.attempt > attempt)?.attempt;
  const { requeued, ...verdict } = over;
  // Its own restart would come under the same caps, and land on the same nodes: then the next attempt is a new job.
  const isOurs =
    whyNoRetry(run, view, stage, over) !== undefined ||
    nodesToAvoid(run).some((node) => over.nodes?.includes(node));
  const isTooMuch = state.kind === 'running' && scene.job?.state === 'active' && isOurs;
  if (next !== undefined) {
    const began = { type: 'attempt-began', stage, attempt: next, retry: !requeued } as const;
    // Its controllers were faster, or do not know what Stint does: that memory that was too small would be so again.
    const isInVain = state.kind === 'running' && NOT_RETRIED.includes(over.exitClass);
    const condemned = { type: 'attempt-condemned', stage, attempt: next, ...verdict } as const;
    return record([began, ...(isTooMuch || isInVain ? [condemned] : [])]);
  }
  if (scene.pods.some(isAlive)) return whileItLives(state, view);
  if (!goesOn(scene)) {
    const ended = { type: 'attempt-ended', stage, attempt, ...over } as const;
    return record(afterEnd(run, view, ended, scene.job));
  }
  if (isTooMuch) return record([{ type: 'attempt-condemned', stage, attempt, ...verdict }]);
  return whileItLives(state, view);
}

const stopOf = ({ stage, launch }: ActiveState): Effect => ({ do: 'stop', stage, attempt: launch });
const record = (events: readonly RunEvent[]): Decision => ({ events, effects: [] });
const act = (effect: Effect): Decision => ({ events: [], effects: [effect] });
