import type { Effect } from '../run/effect.ts';
import type { RunEvent } from '../run/event.ts';
import type { ControlOptions } from './control-options.ts';
import { isGivenUp, pauseAfter, troubleKind } from './retry-policy.ts';
import { type EffectContext, runEffect } from './run-effect.ts';
import type { Wakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

interface EffectWork {
  readonly workplace: Workplace;
  readonly record: { readonly id: string };
  readonly options: ControlOptions;
  readonly wakeup: Wakeup;
  readonly context: EffectContext;
}

/** What was done and is not seen by then is decided on again. */
const SEEN_AFTER_MILLISECONDS = 500;

export type Effects = ReturnType<typeof makeEffects>;

/** Runs effects beside the loop, each once at a time, and keeps the events that follow until the loop records them. */
export function makeEffects({ workplace, record, options, wakeup, context }: EffectWork) {
  const inFlight = new Set<string>();
  const failures = new Map<string, number>();
  const told = new Map<string, string>();
  let refusal: { readonly error: unknown } | undefined;
  let events: RunEvent[] = [];
  let launching = 0;

  async function start(effect: Effect): Promise<void> {
    const forced = options.force.aborted ? ' forced' : '';
    const key = JSON.stringify(effect) + forced;
    if (inFlight.has(key)) return;
    inFlight.add(key);
    if (effect.do === 'launch') launching += 1;
    workplace.log.info({ run: record.id, effect }, effect.do);
    try {
      const following = await runEffect(effect, context);
      events.push(...following);
      failures.delete(key);
      told.delete(key);
      inFlight.delete(key);
      // What was done is seen a moment later: whoever looked at once would only do it again.
      if (following.length > 0) wakeup.wake();
      else wakeup.wakeAt(workplace.now() + SEEN_AFTER_MILLISECONDS);
    } catch (error) {
      await failed(effect, key, error);
      inFlight.delete(key);
      wakeup.wake();
    } finally {
      if (effect.do === 'launch') launching -= 1;
    }
  }

  async function failed(effect: Effect, key: string, error: unknown): Promise<void> {
    const kind = troubleKind(error);
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    const what = error instanceof Error ? error.message : String(error);
    workplace.log.warn({ run: record.id, effect, error, count }, `${effect.do} failed`);
    const isLast = isGivenUp(kind, count);
    // Each cause is said once, however often and in how many effects it comes again, and stays with the run.
    if (![...told.values()].includes(what) && !isLast) {
      const message = `${effect.do} failed, and is tried again${kind === 'passes' ? ' until it can be done' : ''}: ${what}`;
      options.onProgress({ kind: 'warning', run: record.id, message });
      events.push({ type: 'warned', message });
      wakeup.wake();
    }
    told.set(key, what);
    if (isLast) giveUp(effect, error, `${effect.do} failed (${count} tries): ${what}`);
    else await workplace.sleep(pauseAfter(kind, count));
  }

  /** What would leave pods or their records behind is for a person to fix: the run goes on without this process. */
  function giveUp(effect: Effect, error: unknown, message: string): void {
    if (effect.do === 'launch' || effect.do === 'collect')
      events.push({
        type: 'failed',
        stage: effect.stage,
        failure: 'infrastructure',
        exitClass: 'unknown',
        message,
      });
    // A leftover that may not be removed holds nothing: whoever runs the cluster has to.
    else if (effect.do === 'clear') events.push({ type: 'released' });
    else refusal ??= { error };
  }

  return {
    start: (effect: Effect) => void start(effect),
    /** A job is on its way, or there and not seen yet. */
    isLaunching: () => launching > 0,
    /** Why pods cannot be ended, or not be let go, however often it is tried; undefined while that is not so. */
    refusal: () => refusal,
    takeEvents: () => {
      const taken = events;
      events = [];
      return taken;
    },
    /** They could not be recorded: they come again, before those that followed meanwhile. */
    giveBack: (taken: readonly RunEvent[]) => {
      events = [...taken, ...events];
    },
  };
}
