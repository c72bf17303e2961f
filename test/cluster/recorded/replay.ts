import { NamespaceSets, type Part } from '../../../cluster/kubernetes/observe/namespace-sets.ts';
import type { WatchedSet } from '../../../cluster/kubernetes/observe/objects-by-uid.ts';
import { podStatements } from '../../../orchestrator/controller/held-by-phase.ts';
import { watching } from '../../../orchestrator/controller/sight.ts';
import type { PodStatement } from '../../../orchestrator/ledger/statement.ts';
import type { Store } from '../../../orchestrator/ports/store.ts';
import { DeadlinesSchema } from '../../../orchestrator/profile/deadlines.ts';
import type { Effect } from '../../../orchestrator/run/effect.ts';
import type { RecordedEvent } from '../../../orchestrator/run/event.ts';
import { foldRun } from '../../../orchestrator/run/evolve.ts';
import type { Deadlines } from '../../../orchestrator/run/obstacle.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import type { Status } from '../../../orchestrator/run/status.ts';
import { runRecord } from '../../store/fixtures.ts';
import { ApiServer } from './api-server.ts';
import { Controller } from './controller.ts';
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

/** Plays the changes to one controller for each of the runs. */
export async function replay(
  store: Store,
  changes: readonly RecordedChange[],
  runs: readonly string[],
  delivery: Delivery = {},
  deadlines: Deadlines = DEADLINES,
): Promise<ReadonlyMap<string, Outcome>> {
  await store.runs.create(runs.map((id) => runRecord({ id, ablation: null })));
  const controllers = new Map(runs.map((id) => [id, new Controller(store, id, deadlines)]));
  await new Player(controllers, delivery).play(changes);
  const end = changes.at(-1)?.at ?? 0;
  const outcomes = [...controllers].map(async ([id, controller]): Promise<[string, Outcome]> => {
    const events = await store.runs.events(id);
    const pods = await podStatements({ store }, watching(end), [id]);
    const { obstacles, statuses, effects } = controller;
    const told = { obstacles: [...obstacles], statuses, effects: [...effects.values()] };
    return [id, { run: foldRun(events), events, pods, ...told }];
  });
  return new Map(await Promise.all(outcomes));
}

class Player {
  readonly #controllers: ReadonlyMap<string, Controller>;
  readonly #delivery: Delivery;
  readonly #api = new ApiServer();
  #sets = new NamespaceSets(DEVICES);

  constructor(controllers: ReadonlyMap<string, Controller>, delivery: Delivery) {
    [this.#controllers, this.#delivery] = [controllers, delivery];
  }

  async play(changes: readonly RecordedChange[]): Promise<void> {
    const { times = 1, looks = () => true } = this.#delivery;
    await this.#workAll(changes[0]?.at ?? 0);
    for (const [place, change] of changes.entries()) {
      const set = this.#api.take(change);
      if (place < changes.length - 1 && !looks(place)) continue;
      for (let time = 0; time < times; time++) {
        await this.#see(change.part, set);
        await this.#workAll(change.at);
      }
    }
  }

  async #see(part: Part, set: WatchedSet): Promise<void> {
    const { relists, dies, looks } = this.#delivery;
    if (relists || dies || looks) await this.#lookAnew();
    else this.#sets.take(part, set);
  }

  async #lookAnew(): Promise<void> {
    if (this.#delivery.dies) {
      this.#sets = new NamespaceSets(DEVICES);
      for (const controller of this.#controllers.values()) await controller.remember();
    }
    for (const part of PARTS) this.#sets.take(part, this.#api.list(part));
  }

  async #workAll(now: number): Promise<void> {
    for (const [id, controller] of this.#controllers) await this.#work(id, controller, now);
  }

  /** Until nothing is left to record, and the cluster has forgotten what it may. */
  async #work(id: string, controller: Controller, now: number): Promise<void> {
    for (let turns = 0; turns < MANY; turns++) {
      const effects = await controller.turn(this.#sets.observe(id), now);
      if (this.#delivery.dies) await this.#lookAnew();
      if (effects === 'recorded') continue;
      for (const effect of effects) controller.effects.set(JSON.stringify(effect), effect);
      const released = effects.flatMap((effect) => (effect.do === 'release' ? effect.pods : []));
      if (released.length === 0) return;
      this.#sets.take('pods', this.#api.release(released));
    }
    throw new Error(`${id} comes to no rest: ${[...controller.effects.keys()].join()}`);
  }
}
