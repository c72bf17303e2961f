import type { Effect } from '../run/effect.ts';
import type { RunEvent } from '../run/event.ts';
import type { ControlOptions } from './control-options.ts';
import { isOutOfReach } from './out-of-reach.ts';
import { type EffectContext, runEffect } from './run-effect.ts';
import type { Wakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

/** An effect that fails unexpectedly is tried again this often before the run is given up. */
const MAX_FAILURES = 5;
/** Between tries of what fails because the cluster does not answer; tried for as long as that lasts. */
const OUT_OF_REACH_MILLISECONDS = 2_000;

interface EffectWork {
  readonly workplace: Workplace;
  readonly record: { readonly id: string };
  readonly options: ControlOptions;
  readonly wakeup: Wakeup;
  readonly context: EffectContext;
}

/** Runs effects beside the loop, each once at a time, and keeps the events that follow until the loop records them. */
export function makeEffects({ workplace, record, options, wakeup, context }: EffectWork) {
  const inFlight = new Set<string>();
  const failures = new Map<string, number>();
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
      inFlight.delete(key);
      // What was done is seen a moment later: whoever looked at once would only do it again.
      if (following.length > 0) wakeup.wake();
    } catch (error) {
      await failed(effect, key, error);
      inFlight.delete(key);
      wakeup.wake();
    } finally {
      if (effect.do === 'launch') launching -= 1;
    }
  }

  async function failed(effect: Effect, key: string, error: unknown): Promise<void> {
    const passes = isOutOfReach(error);
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    const tries = passes ? `try ${count}, until it answers` : `${count} of ${MAX_FAILURES} tries`;
    const message = `${effect.do} failed (${tries}): ${error instanceof Error ? error.message : String(error)}`;
    workplace.log.warn({ run: record.id, effect, error }, message);
    options.onProgress({ kind: 'warning', run: record.id, message });
    if (passes) await workplace.sleep(OUT_OF_REACH_MILLISECONDS);
    else if (count >= MAX_FAILURES && (effect.do === 'launch' || effect.do === 'collect'))
      events.push({
        type: 'failed',
        stage: effect.stage,
        failure: 'infrastructure',
        exitClass: 'unknown',
        message,
      });
    // A leftover that may not be removed holds nothing: whoever runs the cluster has to.
    else if (count >= MAX_FAILURES && effect.do === 'clear') events.push({ type: 'released' });
  }

  return {
    start: (effect: Effect) => void start(effect),
    /** A job is on its way, or there and not seen yet. */
    isLaunching: () => launching > 0,
    takeEvents: () => {
      const taken = events;
      events = [];
      return taken;
    },
  };
}
