import type { Stage } from '../wire/job-spec.ts';
import { classifyPods, failureKind, isRetried } from './classify.ts';
import type { RunEvent } from './event.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Run } from './state.ts';

/** What the controller sees when it decides. */
export interface View {
  /** The recipe's stages, in order. */
  readonly stages: readonly Stage[];
  /** All pods of the run that the cluster knows; null while that could not be read. Unknown decides nothing. */
  readonly pods: readonly PodFacts[] | null;
  /** A person asked to cancel the run. */
  readonly cancel: boolean;
  /** The controller is going away. */
  readonly interrupt: boolean;
  /** Attempts that may start without a person asking. */
  readonly maxRetries: number;
}

/** Stages that leave something which the store keeps. */
export type CollectedStage = Exclude<Stage, 'train'>;

/** Something to do in the world. Every effect is safe to repeat. */
export type Effect =
  | { readonly do: 'launch'; readonly stage: Stage; readonly attempt: number }
  | { readonly do: 'stop'; readonly stage: Stage; readonly attempt: number }
  /** Take over what a stage left: judge the plan again, register the checkpoint, record the evaluation. */
  | { readonly do: 'collect'; readonly stage: CollectedStage };

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
  if (state.kind === 'queued') return record(proceed(run, view, run.attempt + 1));
  if (state.kind !== 'running' && state.kind !== 'stopping') return WAIT;
  if (view.pods === null) return WAIT;

  const { stage, attempt } = state;
  const pods = view.pods.filter((pod) => pod.stage === stage && pod.attempt === attempt);
  const wanted = view.cancel || view.interrupt;
  if (pods.length === 0)
    return wanted ? record(giveUp(view, state.kind)) : act({ do: 'launch', stage, attempt });

  if (pods.some((pod) => pod.endedAt === undefined)) {
    if (state.kind === 'stopping') return act({ do: 'stop', stage, attempt });
    if (wanted) return record([{ type: 'stop-requested', why: view.cancel ? 'cancel' : 'interrupt' }]);
    return WAIT;
  }
  const outcome = classifyPods(pods);
  if (outcome.exitClass === 'succeeded' && stage !== 'train' && !run.collected.includes(stage))
    return act({ do: 'collect', stage });
  const ended: RunEvent = { type: 'attempt-ended', stage, attempt, ...outcome };
  return record([ended, ...afterEnd(run, view, ended, stage, attempt)]);
}

function afterEnd(
  run: Run,
  view: View,
  ended: RunEvent & { type: 'attempt-ended' },
  stage: Stage,
  attempt: number,
): readonly RunEvent[] {
  const { exitClass, message } = ended;
  const stopping = run.state.kind === 'stopping' ? run.state.why : null;
  const seen = {
    ...view,
    cancel: view.cancel || stopping === 'cancel',
    interrupt: view.interrupt || stopping !== null,
  };
  if (exitClass === 'succeeded') return proceed({ ...run, done: [...run.done, stage] }, seen, attempt);
  if (!isRetried(exitClass))
    return [{ type: 'failed', stage, failure: failureKind(exitClass), exitClass, message }];
  if (seen.cancel || seen.interrupt) return giveUp(seen, run.state.kind);
  if (run.retries >= view.maxRetries) {
    const tries = `${message} (after ${run.retries} ${run.retries === 1 ? 'retry' : 'retries'})`;
    return [{ type: 'failed', stage, failure: failureKind(exitClass), exitClass, message: tries }];
  }
  return [{ type: 'stage-launched', stage, attempt: attempt + 1 }];
}

/** The next stage of the run, its end, or its giving up where that was asked for. */
function proceed(run: Run, view: View, attempt: number): readonly RunEvent[] {
  const next = view.stages.find((stage) => !run.done.includes(stage));
  if (next === undefined) return [{ type: 'succeeded' }];
  if (view.cancel || view.interrupt) return giveUp(view, run.state.kind);
  return [{ type: 'stage-launched', stage: next, attempt }];
}

function giveUp(view: View, was: string): readonly RunEvent[] {
  if (view.cancel) return [{ type: 'stopped', message: 'cancelled by a person' }];
  const message =
    was === 'queued' ? 'its controller ended before it began' : 'its controller ended while it ran';
  return [{ type: 'interrupted', message }];
}

const record = (events: readonly RunEvent[]): Decision => ({ events, effects: [] });
const act = (effect: Effect): Decision => ({ events: [], effects: [effect] });
