import { NamespaceSets } from '../../../cluster/kubernetes/namespace-sets.ts';
import { podStatements } from '../../../orchestrator/controller/held-by-phase.ts';
import { knownPods } from '../../../orchestrator/controller/known-pods.ts';
import { boundAndEndedFacts } from '../../../orchestrator/ledger/phase-facts.ts';
import type { PodStatement } from '../../../orchestrator/ledger/statement.ts';
import { DeadlinesSchema } from '../../../orchestrator/profile/deadlines.ts';
import { decide } from '../../../orchestrator/run/decide.ts';
import type { Effect } from '../../../orchestrator/run/effect.ts';
import type { RecordedEvent } from '../../../orchestrator/run/event.ts';
import { foldRun } from '../../../orchestrator/run/evolve.ts';
import type { Observation } from '../../../orchestrator/run/job-facts.ts';
import { MAX_RETRIES } from '../../../orchestrator/run/max-retries.ts';
import { type KnownPod, numberAttempts } from '../../../orchestrator/run/number-attempts.ts';
import { type Deadlines, obstaclesOf, overdueOutcome } from '../../../orchestrator/run/obstacle.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import { type Status, statusOf } from '../../../orchestrator/run/status.ts';
import type { Store } from '../../../orchestrator/store/port.ts';
import { runRecord } from '../../store/fixtures.ts';
import { ApiServer } from './api-server.ts';
import type { RecordedChange } from './recording.ts';

/** How a controller gets to know the changes. */
export interface Delivery {
  /** How often each change is told. */
  readonly times?: number;
  /** Full lists of everything after each change, and nothing else. */
  readonly relists?: boolean;
  /** All that it has in memory is lost after each change, and between recording and acting. */
  readonly dies?: boolean;
  /** Whether it looks after the change of this place; at the last one it always does. Default: it does. */
  readonly looks?: (place: number) => boolean;
}

/** What became of one run. */
export interface Outcome {
  readonly run: Run;
  readonly events: readonly RecordedEvent[];
  readonly pods: readonly PodStatement[];
  /** In the order in which they came. */
  readonly obstacles: readonly string[];
  readonly statuses: readonly Status[];
  readonly effects: readonly Effect[];
}

const PARTS = ['pods', 'jobs', 'workloads'] as const;
/** More turns than one change can call for. */
const MANY = 50;
const DEVICES = 'nvidia.com/gpu';

export const DEADLINES: Deadlines = DeadlinesSchema.parse({});

/** One run's controller: watch, decide and settle as the real one does, but for the processes and connections around them. */
export class Controller {
  readonly #store: Store;
  readonly #id: string;
  readonly #deadlines: Deadlines;
  #numbers: ReadonlyMap<string, KnownPod> = new Map();
  readonly obstacles = new Set<string>();
  readonly statuses: Status[] = [];
  readonly effects = new Map<string, Effect>();

  constructor(store: Store, id: string, deadlines = DEADLINES) {
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
    for (const { uid, stage, attempt, endedAt } of pods) numbers.set(uid, { stage, attempt, endedAt });
    this.#numbers = numbers;
    await this.#store.ledger.record(pods.flatMap(boundAndEndedFacts));
    const seen = { ...observed, pods };
    const recorded = await this.#store.runs.events(this.#id);
    const run = foldRun(recorded);
    const { state } = run;
    const isUnderway = state.kind === 'running' || state.kind === 'stopping';
    const obstacles = isUnderway ? obstaclesOf(state, seen, this.#deadlines, null, now) : [];
    for (const { what } of obstacles) this.obstacles.add(what);
    const statements = await podStatements({ store: this.#store, now: () => now }, [this.#id]);
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

/** Plays the changes to one controller for each of the runs. */
export async function replay(
  store: Store,
  changes: readonly RecordedChange[],
  runs: readonly string[],
  delivery: Delivery = {},
  deadlines: Deadlines = DEADLINES,
): Promise<ReadonlyMap<string, Outcome>> {
  await store.runs.create(runs.map((id) => runRecord({ id, ablation: null })));
  const { times = 1, relists = false, dies = false, looks = () => true } = delivery;
  const api = new ApiServer();
  let sets = new NamespaceSets(DEVICES);
  const controllers = new Map(runs.map((id) => [id, new Controller(store, id, deadlines)]));

  async function lookAnew(): Promise<void> {
    if (dies) {
      sets = new NamespaceSets(DEVICES);
      for (const controller of controllers.values()) await controller.remember();
    }
    for (const part of PARTS) sets.take(part, api.list(part));
  }

  /** Until nothing is left to record, and the cluster has forgotten what it may. */
  async function work(id: string, controller: Controller, now: number): Promise<void> {
    for (let turns = 0; ; turns++) {
      if (turns > MANY) throw new Error(`${id} comes to no rest: ${JSON.stringify([...controller.effects])}`);
      const effects = await controller.turn(sets.observe(id), now);
      if (dies) await lookAnew();
      if (effects === 'recorded') continue;
      for (const effect of effects) controller.effects.set(JSON.stringify(effect), effect);
      const released = effects.flatMap((effect) => (effect.do === 'release' ? effect.pods : []));
      if (released.length === 0) return;
      sets.take('pods', api.release(released));
    }
  }

  const begin = changes[0]?.at ?? 0;
  for (const [id, controller] of controllers) await work(id, controller, begin);
  const last = changes.length - 1;
  for (const [place, change] of changes.entries()) {
    const set = api.take(change);
    if (place < last && !looks(place)) continue;
    for (let time = 0; time < times; time++) {
      if (relists || dies || delivery.looks) await lookAnew();
      else sets.take(change.part, set);
      for (const [id, controller] of controllers) await work(id, controller, change.at);
    }
  }

  const end = changes.at(-1)?.at ?? 0;
  const outcomes = [...controllers].map(async ([id, controller]): Promise<[string, Outcome]> => {
    const events = await store.runs.events(id);
    const pods = await podStatements({ store, now: () => end }, [id]);
    const { obstacles, statuses, effects } = controller;
    const told = { obstacles: [...obstacles], statuses, effects: [...effects.values()] };
    return [id, { run: foldRun(events), events, pods, ...told }];
  });
  return new Map(await Promise.all(outcomes));
}
