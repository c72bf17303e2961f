import { StintError } from '../errors/stint-error.ts';
import { decide, type Effect, type View } from '../run/decide.ts';
import type { RunEvent } from '../run/event.ts';
import { foldRun } from '../run/evolve.ts';
import { stagesOf } from '../run/stages.ts';
import { isAtRest, type Run } from '../run/state.ts';
import type { RunRecord } from '../store/port.ts';
import { collectStage } from './collect-stage.ts';
import { holdLease } from './hold-lease.ts';
import { observePods, type PodObserver } from './observe-pods.ts';
import type { OnProgress } from './progress.ts';
import { type EffectContext, runEffect } from './run-effect.ts';
import { settlePods } from './settle-pods.ts';
import { asStaged } from './stage-inputs.ts';
import { makeWakeup, type Wakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

/** Without a change the loop looks again after this long: what other processes ask for is read then. */
const LOOK_AGAIN_MILLISECONDS = 500;
/** Attempts that may start without a person asking. */
const MAX_RETRIES = 3;
/** An effect that fails unexpectedly is tried again this often before the run is given up. */
const MAX_EFFECT_FAILURES = 5;

export interface ControlOptions {
  /** Aborted when this process should go away: pods are asked to save and end, and the run can be resumed. */
  readonly interrupt: AbortSignal;
  /** Aborted when there is no time left: pods are killed. */
  readonly force: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Works on a run until it is at rest, and gives what became of it. What a process that died has left is proven dead
 * and settled first.
 *
 * @throws StintError `run-is-held` when another process works on it.
 */
export async function controlRun(
  workplace: Workplace,
  record: RunRecord,
  options: ControlOptions,
): Promise<Run> {
  const lease = await holdLease(workplace, record.id);
  const watching = new AbortController();
  try {
    const cluster = await workplace.clusterFor(record.profile);
    await cluster.fence(record.id, { signal: lease.lost });
    const wakeup = makeWakeup();
    const settlement = settlePods(workplace, record, options.onProgress);
    const onWarning = (message: string) => {
      workplace.log.warn({ run: record.id }, message);
      options.onProgress({ kind: 'warning', run: record.id, message });
    };
    const handlers = { ...settlement, onWarning, onChange: wakeup.wake };
    const observer = observePods(cluster, record.id, handlers, watching.signal);
    const context: EffectContext = {
      decision: { ...record, run: record.id, recipe: asStaged(record.recipe) },
      templates: await workplace.loadTemplates(),
      cluster,
      force: options.force,
      reachedStep: () => workplace.store.steps.reached(record.id),
      collect: (stage) => collectStage(workplace, record, stage),
      onStop: async () => {
        const events = await workplace.store.runs.events(record.id);
        const asked = events.findLast(({ event }) => event.type === 'stop-requested');
        await settlement.asksToEnd(observer.pods() ?? [], asked?.at ?? workplace.now());
      },
    };
    const run = await loop({ workplace, record, options, wakeup, observer, context, lost: lease.lost });
    await observer.drained();
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
  readonly observer: PodObserver;
  readonly context: EffectContext;
  readonly lost: AbortSignal;
}

async function loop(work: Loop): Promise<Run> {
  const { workplace, record, options, wakeup } = work;
  const effects = makeEffects(work);
  for (const signal of [options.interrupt, options.force]) signal.addEventListener('abort', wakeup.wake);
  let shown = '';
  for (;;) {
    if (work.lost.aborted) throw lostLease(record.id);
    const recorded = await workplace.store.runs.events(record.id);
    const run = foldRun(recorded);
    const state = JSON.stringify(run.state);
    if (state !== shown) options.onProgress({ kind: 'state', run: record.id, state: run.state });
    shown = state;
    if (isAtRest(run.state)) return run;

    const followed = effects.takeEvents();
    const decision = decide(run, await look(work));
    const events = followed.length > 0 ? followed : decision.events;
    if (events.length > 0) {
      for (const event of events) workplace.log.info({ run: record.id, event }, event.type);
      await workplace.store.runs.append(record.id, recorded.length, workplace.now(), events);
      continue;
    }
    for (const effect of decision.effects) effects.start(effect);
    await wakeup.wait(LOOK_AGAIN_MILLISECONDS);
  }
}

async function look({ workplace, record, options, observer }: Loop): Promise<View> {
  return {
    stages: stagesOf(record.recipe),
    pods: observer.pods(),
    cancel: (await workplace.store.requests.askedAt(record.id, 'cancel')) !== null,
    interrupt: options.interrupt.aborted,
    maxRetries: MAX_RETRIES,
  };
}

/** Runs effects beside the loop, each once at a time, and keeps the events that follow until the loop records them. */
function makeEffects({ workplace, record, options, wakeup, context }: Loop) {
  const inFlight = new Set<string>();
  const failures = new Map<string, number>();
  let events: RunEvent[] = [];

  async function start(effect: Effect): Promise<void> {
    const forced = options.force.aborted ? ' forced' : '';
    const key = JSON.stringify(effect) + forced;
    if (inFlight.has(key)) return;
    inFlight.add(key);
    workplace.log.info({ run: record.id, effect }, effect.do);
    try {
      events.push(...(await runEffect(effect, context)));
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      const message = `${effect.do} failed (${count} of ${MAX_EFFECT_FAILURES} tries): ${String(error)}`;
      workplace.log.warn({ run: record.id, effect, error }, message);
      options.onProgress({ kind: 'warning', run: record.id, message });
      if (count >= MAX_EFFECT_FAILURES && effect.do !== 'stop')
        events.push({
          type: 'failed',
          stage: effect.stage,
          failure: 'infrastructure',
          exitClass: 'unknown',
          message,
        });
    } finally {
      inFlight.delete(key);
      wakeup.wake();
    }
  }

  return {
    start: (effect: Effect) => void start(effect),
    takeEvents: () => {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

const lostLease = (run: string) =>
  new StintError({
    code: 'lease-lost',
    blame: 'run',
    where: run,
    what: `this process did not renew its lease on ${run} in time, and another one took the run over`,
    todo: 'see what it does with `stint runs show`',
  });
