import { FINALIZER, LABEL } from '../../../orchestrator/render/keys.ts';
import type { Observation } from '../../../orchestrator/run/job-facts.ts';
import type { JsonObject } from '../api/client.ts';
import { jobFacts } from '../objects/job-facts.ts';
import { isFinished, ownerObjectOf } from '../objects/job-state.ts';
import { type Pod, podOf } from '../objects/pod.ts';
import { type Refusal, refusalOf } from '../objects/refusals.ts';
import { type Workload, workloadOf } from '../objects/workload.ts';
import { workloadSelector } from '../objects/workload-selector.ts';
import { type PodSnapshot, SeenPods } from './seen-pods.ts';

/** What is watched of a namespace. */
export type Part = 'pods' | 'jobs' | 'workloads';

/** A full set, and what was in it before and is not any more. */
export interface FullSet {
  readonly objects: readonly JsonObject[];
  readonly vanished: readonly JsonObject[];
  readonly kind?: 'synced' | 'changed';
}

/** The newest full set of each part of a namespace, or of one run in it, and what they say together of a run. */
export class NamespaceSets {
  readonly seenPods: SeenPods;
  readonly #run: string | undefined;
  #jobs: readonly JsonObject[] = [];
  /** The same by run, and their names: asked for by each run that is looked at. */
  #jobsOfRun: ReadonlyMap<string | undefined, readonly JsonObject[]> = new Map();
  #jobNames: ReadonlySet<string> = new Set();
  #workloads: readonly Workload[] = [];
  #unbound: readonly Pod[] = [];
  #refusals: readonly Refusal[] = [];

  /** @param run - The only one that the sets are of. */
  constructor(deviceResource: string | undefined, run?: string) {
    this.seenPods = new SeenPods(deviceResource);
    this.#run = run;
  }

  take(part: Part, { objects, vanished, kind = 'synced' }: FullSet): void {
    if (part === 'jobs') this.#takeJobs(objects);
    if (part === 'workloads') this.#workloads = objects.map(workloadOf);
    if (part !== 'pods') return;
    const covers: PodSnapshot['covers'] = (pod) => this.#run === undefined || pod.run === this.#run;
    this.seenPods.take({ objects, vanished, covers, kind });
    this.#unbound = objects.map(podOf).filter(({ spec }) => spec.nodeName === '');
  }

  #takeJobs(jobs: readonly JsonObject[]): void {
    this.#jobs = jobs;
    this.#jobsOfRun = Map.groupBy(jobs, (object) => ownerObjectOf(object).metadata.labels[LABEL.run]);
    this.#jobNames = new Set(jobs.map(nameOf));
  }

  /** Events by which controllers say that they may not make pods. */
  takeRefusals(objects: readonly JsonObject[]): void {
    this.#refusals = objects.map(refusalOf);
  }

  /** Names of jobs that pods of the run were made for, and that are not among the jobs. */
  missingJobs(run: string): readonly string[] {
    const kept = this.seenPods.of(run).filter(({ retained }) => retained);
    return [...new Set(kept.map(({ job }) => job))].filter((job) => !this.#jobNames.has(job));
  }

  jobNames = (): ReadonlySet<string> => this.#jobNames;

  /** Which Workloads tell of the jobs. */
  workloadSelector = (): string | null => workloadSelector(this.#jobs, this.#workloads);

  /** Names of jobs of this set that have ended since the one before, and whose usage is not settled yet. */
  endedSince(jobs: readonly JsonObject[]): readonly string[] {
    const before = new Set(this.#jobs.filter(hasFinished).map(nameOf));
    return jobs
      .filter(hasFinished)
      .map(nameOf)
      .filter((name) => !before.has(name));
  }

  /** Pods that are on their way out and that no node ever took: there is nothing of them to settle. */
  neverBound(): readonly Pod[] {
    return this.#unbound.filter(
      ({ metadata }) => metadata.deletionTimestamp !== undefined && metadata.finalizers.includes(FINALIZER),
    );
  }

  observe(run: string): Observation {
    const surroundings = {
      workloads: this.#workloads,
      unbound: this.#unbound,
      refusals: this.#refusals,
    };
    const jobs = (this.#jobsOfRun.get(run) ?? [])
      .flatMap((object) => jobFacts(object, surroundings) ?? [])
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return { jobs, pods: this.seenPods.of(run) };
  }
}

function hasFinished(object: JsonObject): boolean {
  const { metadata, status } = ownerObjectOf(object);
  return metadata.finalizers.includes(FINALIZER) && isFinished(status.conditions);
}

const nameOf = (object: JsonObject): string => ownerObjectOf(object).metadata.name;
