import type { Observation } from '../../../orchestrator/run/job-facts.ts';
import type { JsonObject } from '../api/client.ts';
import { jobFacts } from '../objects/job-facts.ts';
import type { Pod } from '../objects/pod.ts';
import { jobOfRefused, type Refusal, refusalOf } from '../objects/refusals.ts';
import { workloadSelector } from '../objects/workload-selector.ts';
import { JobsByRun } from './jobs-by-run.ts';
import type { WatchedSet } from './objects-by-uid.ts';
import { Queues } from './queues.ts';
import { type PodSnapshot, SeenPods } from './seen-pods.ts';
import { UnboundPods } from './unbound-pods.ts';

/** What is watched of a namespace. */
export type Part = 'pods' | 'jobs' | 'workloads';

/** The newest of each part of a namespace, or of one run in it, and what they say together of a run. */
export class NamespaceSets {
  readonly seenPods: SeenPods;
  readonly #run: string | undefined;
  readonly #jobs = new JobsByRun();
  readonly #queues = new Queues();
  readonly #unbound = new UnboundPods();
  #refusals: ReadonlyMap<string, readonly Refusal[]> = new Map();

  /** @param run - The only one that the sets are of. */
  constructor(deviceResource: string | undefined, run?: string) {
    this.seenPods = new SeenPods(deviceResource);
    this.#run = run;
  }

  /** @returns the runs of which it tells something new. */
  take(part: Part, set: WatchedSet): ReadonlySet<string> {
    if (part === 'jobs') return this.#jobs.take(set);
    if (part === 'workloads')
      return new Set([...this.#queues.take(set)].flatMap((job) => this.#jobs.runOfUid(job) ?? []));
    const covers: PodSnapshot['covers'] = (pod) => this.#run === undefined || pod.run === this.#run;
    this.seenPods.take({ ...set, covers });
    return this.#unbound.take(set);
  }

  /**
   * Events by which controllers say that they may not make pods.
   *
   * @returns the runs of which it tells something new
   */
  takeRefusals({ objects, vanished, touched = objects }: WatchedSet): ReadonlySet<string> {
    this.#refusals = Map.groupBy(objects.map(refusalOf), jobOfRefused);
    const jobs = [...touched, ...vanished].map((object) => jobOfRefused(refusalOf(object)));
    return new Set(jobs.flatMap((job) => this.#jobs.runOfName(job) ?? []));
  }

  /** Names of jobs that pods of the run were made for, and that are not among the jobs. */
  missingJobs(run: string): readonly string[] {
    const kept = this.seenPods.of(run).filter(({ retained }) => retained);
    return [...new Set(kept.map(({ job }) => job))].filter((job) => !this.#jobs.has(job));
  }

  hasJob = (name: string): boolean => this.#jobs.has(name);

  /** Which Workloads tell of the jobs. */
  workloadSelector = (): string | null => workloadSelector(this.#jobs.all(), this.#queues.all());

  /** Names of jobs that have ended by this telling, and by none before, and whose usage is not settled yet. */
  endedSince = (told: readonly JsonObject[]): readonly string[] => this.#jobs.endedSince(told);

  /** Pods that are on their way out and that no node ever took: there is nothing of them to settle. */
  neverBound = (): readonly Pod[] => this.#unbound.leaving();

  observe(run: string): Observation {
    const surroundings = {
      workloadOf: (uid: string) => this.#queues.ofJob(uid),
      placeOf: this.#queues.placeOf.bind(this.#queues),
      unboundOf: (job: string) => this.#unbound.of(job),
      refusalsOf: (job: string) => this.#refusals.get(job) ?? [],
    };
    const jobs = this.#jobs
      .of(run)
      .flatMap((object) => jobFacts(object, surroundings) ?? [])
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return { jobs, pods: this.seenPods.of(run) };
  }
}
