import { podStatements } from '../../../orchestrator/controller/held-by-phase.ts';
import { knownPods } from '../../../orchestrator/controller/known-pods.ts';
import { watching } from '../../../orchestrator/controller/sight.ts';
import { boundAndEndedFacts } from '../../../orchestrator/ledger/phase-facts.ts';
import type { Store } from '../../../orchestrator/ports/store.ts';
import { decide } from '../../../orchestrator/run/decide.ts';
import type { Effect } from '../../../orchestrator/run/effect.ts';
import { foldRun } from '../../../orchestrator/run/evolve.ts';
import type { Observation } from '../../../orchestrator/run/job-facts.ts';
import { MAX_RETRIES } from '../../../orchestrator/run/max-retries.ts';
import { type KnownPod, numberAttempts } from '../../../orchestrator/run/number-attempts.ts';
import { type Deadlines, obstaclesOf, overdueOutcome } from '../../../orchestrator/run/obstacle.ts';
import { type Status, statusOf } from '../../../orchestrator/run/status.ts';

/** One run's controller: watch, decide and settle as the real one does, but for the processes and connections around them. */
export class Controller {
  readonly #store: Store;
  readonly #id: string;
  readonly #deadlines: Deadlines;
  #numbers: ReadonlyMap<string, KnownPod> = new Map();
  readonly obstacles = new Set<string>();
  readonly statuses: Status[] = [];
  readonly effects = new Map<string, Effect>();

  constructor(store: Store, id: string, deadlines: Deadlines) {
    [this.#store, this.#id, this.#deadlines] = [store, id, deadlines];
  }

  /** As a new process reads them. */
  async remember(): Promise<void> {
    this.#numbers = await knownPods({ store: this.#store, now: () => 0 }, this.#id);
  }

  /** One turn: what is to be recorded is, or else what is to be done is given. */
  async turn(observed: Observation, now: number): Promise<readonly Effect[] | 'recorded'> {
    const pods = numberAttempts(observed.pods, this.#numbers);
    const numbers = new Map(this.#numbers);
    for (const { uid, stage, attempt, boundAt, endedAt } of pods)
      numbers.set(uid, { stage, attempt, boundAt, endedAt });
    this.#numbers = numbers;
    await this.#store.ledger.record(pods.flatMap((pod) => boundAndEndedFacts(pod, {})));
    const seen = { ...observed, pods };
    const recorded = await this.#store.runs.events(this.#id);
    const run = foldRun(recorded);
    const { state } = run;
    const isUnderway = state.kind === 'running' || state.kind === 'stopping';
    const obstacles = isUnderway ? obstaclesOf(state, seen, this.#deadlines, null, now) : [];
    for (const { what } of obstacles) this.obstacles.add(what);
    const statements = await podStatements({ store: this.#store }, watching(now), [this.#id]);
    const decision = decide(run, {
      stages: ['train'],
      seen,
      trouble: overdueOutcome(obstacles, now),
      cancel: false,
      interrupt: false,
      maxRetries: MAX_RETRIES,
      held: statements.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0),
      maxHeld: 16 * 3_600_000,
    });
    const { effects } = decision;
    // Nothing that could be cleared away was recorded.
    const events = effects.some((effect) => effect.do === 'clear')
      ? [{ type: 'released' } as const]
      : decision.events;
    const status = statusOf(state, seen);
    if (events.length === 0) {
      if (this.statuses.at(-1) !== status) this.statuses.push(status);
      return effects;
    }
    await this.#store.runs.append(this.#id, recorded.length, now, events);
    return 'recorded';
  }
}
