import { LABEL } from '../../../orchestrator/render/keys.ts';
import type { Observation } from '../../../orchestrator/run/job-facts.ts';
import { read } from '../api/apply.ts';
import { pause } from '../api/back-off.ts';
import type { ApiClient, JsonObject } from '../api/client.ts';
import { listWatch } from '../api/list-watch.ts';
import type { Pod } from '../objects/pod.ts';
import { REFUSED_PODS } from '../objects/refusals.ts';
import { Blindness } from './blindness.ts';
import { Changes } from './changes.ts';
import { NamespaceSets, type Part } from './namespace-sets.ts';
import type { WatchedSet } from './objects-by-uid.ts';
import type { SeenPods } from './seen-pods.ts';

/** Where each part lies; undefined for the queue's workloads where no queue admits jobs. */
export type WatchedPaths = Readonly<Record<Exclude<Part, 'workloads'>, string>> & {
  readonly workloads: string | undefined;
  /** Only for what people are told: without the right to see them all goes on. */
  readonly events: string;
};

export interface ViewOptions {
  readonly watched: WatchedPaths;
  /** The only run that is looked at; default: all of the namespace. */
  readonly run?: string | undefined;
  readonly deviceResource: string | undefined;
  readonly say: (what: string) => void;
  /** Told of a pod that is on its way out and that no node ever took: there is nothing of it to settle. */
  readonly onNeverBound: (pod: Pod) => void;
}

/** What was listed and may not be watched counts for so long: time to decide on it, and to do what was decided. */
const LINGER_MS = 3_000;
/** A job whose pods are there and of which the watch for jobs has not told yet is asked for again after this. */
const ASK_AGAIN_MS = 1_000;

/**
 * One run, or all of a namespace, seen through one watch for pods, one for jobs and one for the queue's workloads, however
 * many runs are looked at. The watches live for as long as anybody looks.
 */
export class RunsView {
  readonly #client: ApiClient;
  readonly #options: ViewOptions;
  readonly #sets: NamespaceSets;
  readonly #synced = new Set<Part>();
  readonly #blindness = new Blindness(() => this.#changes.tell());
  readonly #changes = new Changes();
  readonly #missing = new Map<string, 'asked for' | 'gone'>();
  #watching: AbortController | undefined;
  /** Of one run: which Workloads are followed. They carry no label of it. */
  #workloads: { readonly selector: string | null; readonly stop: AbortController } | undefined;
  #lookers = 0;
  /** What of it is refused: to be listed, or to be watched from there. */
  #failure: { readonly part: Part; readonly error: Error } | undefined;

  constructor(client: ApiClient, options: ViewOptions) {
    this.#client = client;
    this.#options = options;
    this.#sets = new NamespaceSets(options.deviceResource, options.run);
  }

  /** @throws ApiError when it cannot be seen, or not any more. */
  async *watch(run: string, signal: AbortSignal): AsyncGenerator<Observation, void, void> {
    this.#enter();
    try {
      for (let [last, version] = ['', 0]; !signal.aborted; await this.#changes.after(run, version, signal)) {
        version = this.#changes.of(run);
        // What may be listed and not be watched is told as it was listed, and then that this is all.
        if (this.#failure !== undefined && !this.#synced.has(this.#failure.part)) throw this.#failure.error;
        const blind = this.#blindness.why();
        if (blind !== undefined) throw blind;
        if (!this.#isSynced() || this.#isAheadOfJobs(run)) continue;
        const observation = this.#sets.observe(run);
        const text = JSON.stringify(observation);
        if (text !== last) yield observation;
        last = text;
        if (this.#failure === undefined) continue;
        await pause(LINGER_MS, signal);
        throw this.#failure.error;
      }
    } finally {
      this.#leave();
    }
  }

  get isWatched(): boolean {
    return this.#lookers > 0;
  }

  /** For whoever else looks at the pods, too: ends that are seen anywhere are remembered. */
  get seenPods(): SeenPods {
    return this.#sets.seenPods;
  }

  #parts = (): readonly (readonly [Part, string])[] =>
    (['pods', 'jobs', 'workloads'] as const).flatMap((part) => {
      const path = this.#options.watched[part];
      return path === undefined ? [] : [[part, path] as const];
    });
  #isSynced = (): boolean => this.#parts().every(([part]) => this.#synced.has(part));

  /**
   * The watch for pods may be ahead of the one for jobs, by however much: its pods would be taken for those of a job that is
   * gone, and another be started beside it. That it is gone is the API server's to say.
   */
  #isAheadOfJobs(run: string): boolean {
    const missing = this.#sets.missingJobs(run);
    for (const job of missing) void this.#askFor(run, job);
    return missing.some((job) => this.#missing.get(job) !== 'gone');
  }

  async #askFor(run: string, job: string): Promise<void> {
    const signal = this.#watching?.signal;
    if (this.#missing.has(job) || signal === undefined) return;
    this.#missing.set(job, 'asked for');
    const isGone = await read(this.#client, `${this.#options.watched.jobs}/${job}`, signal).then(
      (found) => found === undefined,
      (error: unknown) => {
        if (!signal.aborted) this.#options.say(`whether ${job} is there is not known: ${String(error)}`);
        return false;
      },
    );
    if (isGone) this.#missing.set(job, 'gone');
    else {
      await pause(ASK_AGAIN_MS, signal);
      this.#missing.delete(job);
    }
    this.#changes.tell([run]);
  }

  #enter(): void {
    this.#lookers += 1;
    if (this.#watching) return;
    this.#watching = new AbortController();
    this.#failure = undefined;
    this.#synced.clear();
    this.#workloads = undefined;
    const { run } = this.#options;
    const ofRuns = run === undefined ? LABEL.run : `${LABEL.run}=${run}`;
    for (const [part, path] of this.#parts())
      if (part !== 'workloads') void this.#follow(part, path, ofRuns, this.#watching.signal);
      // Those of one run are known by its jobs.
      else if (run === undefined) void this.#follow(part, path, '', this.#watching.signal);
    void this.#followRefusals(this.#watching.signal);
  }

  #leave(): void {
    this.#lookers -= 1;
    if (this.#lookers > 0) return;
    this.#watching?.abort();
    this.#watching = undefined;
    this.#blindness.seesAll();
    this.#changes.forget();
  }

  /** Follows the Workloads of the run's jobs, again when they are others. */
  #selectWorkloads(): void {
    const { run, watched } = this.#options;
    const signal = this.#watching?.signal;
    if (run === undefined || watched.workloads === undefined || signal === undefined) return;
    const selector = this.#sets.workloadSelector();
    if (selector === this.#workloads?.selector) return;
    this.#workloads?.stop.abort();
    const stop = new AbortController();
    this.#workloads = { selector, stop };
    this.#blindness.sees('workloads');
    this.#synced.delete('workloads');
    if (selector === null) this.#take('workloads', { objects: [], vanished: [] });
    else void this.#follow('workloads', watched.workloads, selector, AbortSignal.any([signal, stop.signal]));
  }

  async #follow(part: Part, path: string, labelSelector: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const sight of listWatch(this.#client, { path, labelSelector, signal })) {
        if (signal.aborted) return;
        if (sight.kind === 'degraded') {
          this.#options.say(sight.what);
          this.#blindness.lost(part, sight);
        } else this.#blindness.sees(part);
        if (sight.kind === 'degraded' || sight.kind === 'restored') this.#changes.tell();
        else {
          if (part === 'jobs') await this.#catchUp(sight.touched, signal);
          this.#take(part, sight);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      // What may not even be listed comes first: nothing will ever be known of it.
      if (this.#failure === undefined || !this.#synced.has(part))
        this.#failure = { part, error: error instanceof Error ? error : new Error(String(error)) };
      this.#changes.tell();
    }
  }

  async #followRefusals(signal: AbortSignal): Promise<void> {
    const watched = { path: this.#options.watched.events, labelSelector: '', fieldSelector: REFUSED_PODS };
    try {
      for await (const sight of listWatch(this.#client, { ...watched, signal })) {
        if (sight.kind === 'degraded' || sight.kind === 'restored') continue;
        this.#changes.tell(this.#sets.takeRefusals(sight));
      }
    } catch (error) {
      if (!signal.aborted) this.#options.say(`why no pods come will not be told: ${String(error)}`);
    }
  }

  /**
   * The watch for pods may be behind the one for jobs, by seconds where it is busy or was broken off: a job that has
   * ended would be seen without the pods that it ended with, and would count as one that never ran them. So these pods are
   * listed first.
   */
  async #catchUp(jobs: readonly JsonObject[], signal: AbortSignal): Promise<void> {
    const ended = this.#sets.endedSince(jobs);
    if (ended.length === 0) return;
    const query = { labelSelector: `${LABEL.job} in (${ended.join(',')})` };
    const { items } = await this.#client.json({ path: this.#options.watched.pods, query, signal });
    const covers = ({ job }: { readonly job: string }) => ended.includes(job);
    this.seenPods.take({ objects: items as readonly JsonObject[], vanished: [], covers });
  }

  #take(part: Part, set: WatchedSet): void {
    const isFirst = !this.#synced.has(part);
    this.#synced.add(part);
    const runs = this.#sets.take(part, set);
    if (part !== 'pods') this.#selectWorkloads();
    // One that comes again under its name is another one.
    if (part === 'jobs')
      for (const job of this.#missing.keys()) if (this.#sets.hasJob(job)) this.#missing.delete(job);
    if (part === 'pods') for (const pod of this.#sets.neverBound()) this.#options.onNeverBound(pod);
    // A list may say of pods that another look has told of, and this watch never did, that they are gone.
    this.#changes.tell(isFirst || set.kind !== 'changed' ? undefined : runs);
  }
}
