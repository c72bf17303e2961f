import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import type { Clock } from '../../orchestrator/controller/clock.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { findLostRuns, recordFinding } from '../../orchestrator/controller/recover-runs.ts';
import { type RunManifests, runManifests } from '../../orchestrator/controller/run-manifests.ts';
import { settleReleased } from '../../orchestrator/controller/settle-released.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { LoadedRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { verifyLedger } from '../../orchestrator/operations/verify-ledger.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { isAtRest } from '../../orchestrator/run/state.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { listedPrice } from '../store/fixtures.ts';
import { type Chance, chanceOf } from './chance.ts';
import { ControllerProcess, type Kill } from './controller-process.ts';
import { eachQuery } from './each-function.ts';
import { FAULTS, type FaultKind, type Reach } from './faults.ts';
import { judge, type Verdict } from './laws.ts';
import type { Fault } from './scenario.ts';
import type { Scenery } from './scenery.ts';
import { simulatedCluster } from './simulated-cluster.ts';
import { busy, lost, Trouble } from './trouble.ts';
import { unattendedProblems } from './unattended-look.ts';
import { VirtualClock } from './virtual-clock.ts';
import { World } from './world.ts';

export interface Scenario {
  readonly seed: number;
  /** Three steps and no evaluation. */
  readonly isShort?: boolean;
  readonly faults: readonly Fault[];
  /** Of the first controller. */
  readonly kill?: Kill;
  /** Prints what is decided and done. */
  readonly trace?: boolean;
}

export interface Simulated extends Verdict {
  readonly injected: readonly FaultKind[];
  /** Of the first controller. */
  readonly awaits: number;
  readonly kills: number;
  readonly virtualMilliseconds: number;
}

const BEGIN = 1_800_000_000_000;
const DEADLINE = 3 * 3_600_000;
/** By then a lease has expired. */
const HEIR_COMES = 17_000;

/** Lives one scenario to its end, and judges what became of it. */
export async function simulate(scenario: Scenario, scenery: Scenery): Promise<Simulated> {
  const clock = new VirtualClock(BEGIN);
  const chance = chanceOf(scenario.seed);
  const training = {
    steps: scenario.isShort ? 3 : chance.between(6, 14),
    checkpointEvery: scenario.isShort ? 2 : chance.between(2, 5),
    saved: 0,
    reached: 0,
    lostSteps: 0,
  };
  const world = new World(clock, chance, training);
  const nodes = chance.between(2, 4);
  for (let index = 0; index < nodes; index++) world.addNode();
  const store = await openStore(':memory:');
  const simulation = new Simulation(scenario, scenery, { clock, world, store, chance });
  try {
    return await simulation.live();
  } finally {
    world.close();
    await simulation.close();
  }
}

/** The clock as a process that nobody kills has it. */
const realm = (clock: VirtualClock): Clock => ({
  now: () => clock.now(),
  sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  every: (milliseconds, act) => clock.every(milliseconds, act),
});

type Arm = LoadedRecipe['arms'][number];

function withoutEvaluation(arm: Arm): Arm {
  const { evaluation: _, ...recipe } = arm.recipe;
  return { ...arm, recipe };
}

interface Surroundings {
  readonly clock: VirtualClock;
  readonly world: World;
  readonly store: Store;
  readonly chance: Chance;
}

class Simulation {
  readonly #trouble = new Trouble();
  readonly #injected: FaultKind[] = [];
  readonly #problems: string[] = [];
  readonly #dead = new Set<string>();
  #processes = 0;
  #working = 0;
  #kills = 0;
  #awaits = 0;
  #isDone = false;
  #resultsBroken = false;
  #isToRelease = false;
  #current: { process: ControllerProcess; interrupt: AbortController; heirNeeded: () => void } | null = null;
  readonly #scenario: Scenario;
  readonly #scenery: Scenery;
  readonly #of: Surroundings;
  readonly #manifests: RunManifests;
  readonly #stores: Store[];
  readonly #living = new Set<ControllerProcess>();
  /** Ends when a store that was lost is made again. */
  #recovered: Promise<void> = Promise.resolve();
  readonly #sameMachine: boolean;
  readonly #fenceAfter: number | null;

  constructor(scenario: Scenario, scenery: Scenery, of: Surroundings) {
    this.#scenario = scenario;
    this.#scenery = scenery;
    this.#of = of;
    this.#stores = [of.store];
    const folder = mkdtempSync(join(scenery.folder, 'runs-'));
    this.#manifests = runManifests(({ id }) => join(folder, id));
    this.#sameMachine = of.chance.happens(0.5);
    this.#fenceAfter = of.chance.happens(0.3) ? 15 : null;
  }

  /** The one that is there now. */
  get #store(): Store {
    return this.#stores.at(-1) ?? this.#of.store;
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
  }

  async live(): Promise<Simulated> {
    const { clock, world, store, chance } = this.#of;
    const { loaded, profile, plan } = this.#scenery;
    const random = () => chance.between(0, 999_999) / 1_000_000;
    const arms = this.#scenario.isShort ? loaded.arms.map(withoutEvaluation) : loaded.arms;
    const manifests = this.#manifests;
    const place = {
      store,
      manifests,
      now: clock.now,
      isAlive: () => true,
      priceOf: listedPrice,
      random,
      host: null,
    };
    const [record] = await recordRuns(place, { ...loaded, arms }, profile, [plan]);
    if (record === undefined) throw new Error('no run was created');
    const onCrash = (error: unknown) => {
      this.#problems.push(`a promise that nobody waits for was rejected: ${String(error)}`);
      this.#current?.process.kill();
    };
    process.on('unhandledRejection', onCrash);
    try {
      for (const { kind, at } of this.#scenario.faults) clock.after(at, () => this.#inject(kind, record));
      void this.#workOn(record);
      await clock
        .passUntil(() => this.#isDone && this.#working === 0, DEADLINE)
        .catch((error: unknown) => this.#problems.push(String(error)));
    } finally {
      process.off('unhandledRejection', onCrash);
    }
    const took = clock.now() - BEGIN;
    const ledger = await verifyLedger({ store: this.#store, now: clock.now, isAlive: () => true });
    if (ledger.wrong.length > 0)
      this.#problems.push(`sums differ from the facts of ${ledger.wrong.join(', ')}`);
    const verdict = await judge({ world, store: this.#store, record, injected: this.#injected, chance });
    return {
      ...verdict,
      problems: [...this.#problems, ...world.violations, ...verdict.problems],
      injected: this.#injected,
      awaits: this.#awaits,
      kills: this.#kills,
      virtualMilliseconds: took,
    };
  }

  #trace(owner: string, message: string, what: object): void {
    if (!this.#scenario.trace) return;
    const seconds = ((this.#of.clock.now() - BEGIN) / 1_000).toFixed(3).padStart(9);
    console.log(`${seconds} ${owner} ${message} ${JSON.stringify(what).slice(0, 200)}`);
  }

  /** As a person would: whoever works on the run, when he is gone another one takes it over. */
  async #workOn(record: RunRecord): Promise<void> {
    const { clock, chance } = this.#of;
    for (;;) {
      await this.#oneController(record);
      await this.#recovered;
      if (await this.#hasEnded(record)) break;
      if (this.#isToRelease && this.#working === 0) {
        if (await this.#release(record)) break;
        continue;
      }
      await this.#look(record);
      await clock.sleep(chance.between(500, 12_000));
    }
    this.#isDone = true;
  }

  /** Nobody works on the run: a person looks at what it held. */
  async #look(record: RunRecord): Promise<void> {
    if (this.#working > 0 || !this.#sameMachine) return;
    const { clock, world } = this.#of;
    const place = { ...this.#workplace('a person', 0), ...realm(clock), store: this.#store };
    this.#problems.push(...(await unattendedProblems(place, world, record.id)));
  }

  /** A person takes it off its cluster, and tries again where that fails; false where a process works on it still. */
  async #release(record: RunRecord): Promise<boolean> {
    const { clock, world } = this.#of;
    const place = { ...this.#workplace('a person', 0), ...realm(clock) };
    const { signal } = new AbortController();
    const remove = async (ended: () => Promise<void>) => {
      world.deleteAll();
      await ended();
      world.letAllGo();
    };
    try {
      await settleReleased(place, record, { remove, interrupt: signal, onWarning: () => undefined });
      return true;
    } catch (error) {
      if (!isStintError(error)) throw error;
      await clock.sleep(2_000);
      return false;
    }
  }

  /** With it goes whoever works with it; a person has the run recorded again, and tries again where its cluster does not answer. */
  async #loseStore(): Promise<void> {
    const { clock } = this.#of;
    for (const process of this.#living) process.kill();
    this.#stores.push(await openStore(':memory:'));
    const place = { ...this.#workplace('a person', 0), ...realm(clock), store: this.#store };
    for (let isKnown = false; !isKnown; ) {
      await clock.sleep(2_000);
      try {
        for await (const found of findLostRuns(place, this.#scenery.profile)) {
          isKnown ||= found.kind === 'known';
          await recordFinding(place, found);
        }
      } catch (error) {
        this.#trace('a person', 'cannot recover yet', { error: String(error) });
      }
    }
  }

  async #hasEnded({ id }: RunRecord): Promise<boolean> {
    const run = foldRun(await this.#store.runs.events(id));
    return isAtRest(run.state) && run.released;
  }

  async #oneController(record: RunRecord): Promise<void> {
    const { clock } = this.#of;
    const number = ++this.#processes;
    const owner = `controller/${number}`;
    const process = new ControllerProcess(clock, number === 1 ? this.#scenario.kill : undefined);
    const interrupt = new AbortController();
    const { promise: heirNeeded, resolve } = Promise.withResolvers<void>();
    this.#living.add(process);
    this.#current = { process, interrupt, heirNeeded: resolve };
    const force = new AbortController().signal;
    const options = { interrupt: interrupt.signal, force, onProgress: () => undefined };
    const controlled = attendRun(process.around(this.#workplace(owner, number)), record, options);
    this.#working += 1;
    await Promise.race([this.#end(controlled, process, { number, owner }), heirNeeded]);
  }

  async #end(
    controlled: Promise<unknown>,
    process: ControllerProcess,
    { number, owner }: { readonly number: number; readonly owner: string },
  ): Promise<void> {
    try {
      if ((await Promise.race([controlled, process.died])) === 'killed') this.#kills += 1;
    } catch (error) {
      if (!isStintError(error)) this.#problems.push(`a controller ended with ${String(error)}`);
    }
    this.#dead.add(owner);
    this.#working -= 1;
    if (number === 1) this.#awaits = process.awaits;
  }

  #workplace(owner: string, pid: number): Omit<Workplace, keyof Clock> {
    const { world, chance, clock } = this.#of;
    const store = this.#store;
    const busyStore = eachQuery(store, async (act) => {
      if (store !== this.#store) throw lost();
      if (clock.now() < this.#trouble.storeBusyUntil && chance.happens(0.3)) throw busy();
      return act();
    });
    const { profile, templates, folder } = this.#scenery;
    const cluster = simulatedCluster(world, this.#trouble, {
      grace: profile.grace,
      fenceAfter: this.#fenceAfter,
      devicesPerNode: profile.devicesPerNode,
      onRelease: ({ pods }) => this.#mayRelease(pods),
    });
    return {
      store: busyStore,
      clusterFor: async () => cluster,
      loadTemplates: async () => templates,
      workFolder: () => join(folder, this.#resultsBroken ? 'broken' : 'whole'),
      codeVersion: async () => 'simulated',
      priceOf: listedPrice,
      log: {
        info: (what, message) => this.#trace(owner, message, what),
        warn: (what, message) => this.#trace(owner, message, what),
      },
      keptLogs: { open: async () => ({ append: async () => undefined }), of: async () => [] },
      manifests: this.#manifests,
      random: () => chance.between(0, 999_999) / 1_000_000,
      owner,
      pid,
      host: null,
      isAlive: (lease) => !this.#sameMachine || !this.#dead.has(lease.owner),
    };
  }

  /** No record may be forgotten before the ledger has it. */
  async #mayRelease(names: readonly string[]): Promise<void> {
    const { world } = this.#of;
    // One that is lost is made again from what was kept before this.
    const facts = (await Promise.all(this.#stores.map((store) => store.ledger.facts()))).flat();
    for (const { name, uid, forceDeleted, record } of world.pods) {
      if (!names.includes(name) || forceDeleted) continue;
      const own = facts.filter(({ pod }) => pod === uid);
      const isSettled =
        own.some(({ kind }) => kind === 'bound') &&
        own.some((fact) => fact.kind === 'ended' && fact.at === record.endedAt);
      if (!isSettled) world.violations.push(`${name} is forgotten before its time is in the ledger`);
    }
  }

  #inject(kind: FaultKind, record: RunRecord): void {
    const { clock } = this.#of;
    if (this.#isDone) return;
    if (FAULTS[kind](this.#reach(record))) {
      this.#injected.push(kind);
      this.#trace('fault', kind, {});
    } else clock.after(500, () => this.#inject(kind, record));
  }

  #reach(record: RunRecord): Reach {
    const { world, clock } = this.#of;
    const current = this.#current;
    const isUp = () => current !== null && !current.process.isDead && !this.#isDone;
    return {
      world,
      trouble: this.#trouble,
      release: () => {
        if (!isUp()) return false;
        this.#isToRelease = true;
        current?.process.kill();
        return true;
      },
      loseStore: () => {
        this.#recovered = this.#recovered.then(() => this.#loseStore());
        return true;
      },
      cancel: () => this.#store.requests.ask(record.id, 'cancel', clock.now()),
      breakResults: () => {
        if (this.#resultsBroken) return false;
        this.#resultsBroken = true;
        return true;
      },
      controllers: {
        kill: () => {
          if (!isUp()) return false;
          current?.process.kill();
          return true;
        },
        stall: (milliseconds) => {
          if (!isUp() || current === null) return false;
          current.process.stalledUntil = clock.now() + milliseconds;
          if (milliseconds > HEIR_COMES) clock.after(HEIR_COMES, current.heirNeeded);
          return true;
        },
        leave: () => {
          if (!isUp() || current?.interrupt.signal.aborted) return false;
          current?.interrupt.abort();
          return true;
        },
      },
    };
  }
}
