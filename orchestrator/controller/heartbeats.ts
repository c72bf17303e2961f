import type { Plan } from '../plan/plan.ts';
import type { Heartbeat } from '../run/obstacle.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { ActiveState } from '../run/state.ts';
import type { Phase } from '../wire/phase.ts';
import { takesSteps } from '../wire/stage-traits.ts';
import type { IndexedEvent } from './follow-events.ts';

/** The longest step, of which the plan knows the mean; and the time in which a pod ends itself and tells where it stood. */
const LONGEST_STEP = 4;
const TIME_TO_TELL_SECONDS = 60;
/** Loading, compiling and saving: the trainer itself gives them no more (trainer/supervise/heartbeat.py), and then ends them. */
const SLOW_PHASE_SECONDS = 40 * 60;

/** When each attempt of training has last made a step. The trainer itself ends what stands still; this is for when it cannot. */
export class Heartbeats {
  /** Not the plan itself: ten thousand of those are what fills a process that attends as many runs. */
  #stepSeconds: number;
  readonly #last = new Map<number, Heartbeat & { readonly phase: Phase }>();

  constructor(plan: Plan) {
    this.#stepSeconds = plan.duration.stepSeconds;
  }

  /** From here on: prepare's data has told how long steps take. */
  expect(plan: Plan): void {
    this.#stepSeconds = plan.duration.stepSeconds;
  }

  /** @returns whether the attempt counts as standing still sooner than it did before. */
  take({ stage, attempt }: PodFacts, events: readonly IndexedEvent[]): boolean {
    if (!takesSteps(stage)) return false;
    const before = this.#silentAt(attempt);
    for (const { event } of events) {
      const last = this.#last.get(attempt);
      const phase = event.event === 'phase' ? event.phase : (last?.phase ?? 'starting');
      const step = event.event === 'step' ? event.step : (last?.step ?? 0);
      this.#last.set(attempt, { at: event.at, phase, step, expectedSeconds: this.#expected(phase) });
    }
    return this.#silentAt(attempt) < before;
  }

  /** Null while nothing is known of it, and outside of training. */
  of({ stage, attempt, over }: ActiveState): Heartbeat | null {
    return takesSteps(stage) && over === null ? (this.#last.get(attempt) ?? null) : null;
  }

  #silentAt(attempt: number): number {
    const last = this.#last.get(attempt);
    return last === undefined ? Number.POSITIVE_INFINITY : last.at + last.expectedSeconds * 1_000;
  }

  #expected(phase: Phase): number {
    return phase === 'training' || phase === 'recomputing'
      ? LONGEST_STEP * this.#stepSeconds + TIME_TO_TELL_SECONDS
      : SLOW_PHASE_SECONDS;
  }
}
