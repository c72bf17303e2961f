import type { Manifest } from '../render/manifest.ts';
import type { Observation } from '../run/job-facts.ts';

export interface OutputLine {
  /** Milliseconds since the epoch at which the line was read. */
  readonly at: number;
  readonly text: string;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  /** False: end when all that is there by now is read. Default: true. */
  readonly follow?: boolean;
}

/** Where rendered jobs run. Every method is safe to repeat; every adapter passes `test/cluster/contract.ts`. */
export interface Cluster {
  /** Whether pods go on when the process that applied them is gone. Where they do not, each is ended with it. */
  readonly outlives: boolean;
  /** Whether jobs wait in a queue until there is room for all of their pods. Where none does, its runs begin one after another. */
  readonly queues: boolean;
  /** Create what is missing. An object that exists by name is left as it is. */
  apply(manifests: readonly Manifest[], options: { readonly signal: AbortSignal }): Promise<void>;
  /** Ids of the runs of which it has anything, in order. */
  runs(options: { readonly signal: AbortSignal }): Promise<readonly string[]>;
  /** All that is known of the run, once at the start and again after each change; in full each time. */
  watch(run: string, options: { readonly signal: AbortSignal }): AsyncIterable<Observation>;
  /** Lines of one pod from the first on; ends when the pod has ended and all is read. */
  logs(pod: string, options: LogOptions): AsyncIterable<OutputLine>;
  /** Keep the job from making pods, ask its pods to end (SIGTERM, SIGKILL after their grace period) and wait until each is proven dead. */
  stop(job: string, options: StopOptions): Promise<void>;
  /** Prove that no pod of the run is alive, ending strays; afterwards each of its pods has an end. */
  fence(run: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** The usage of these pods is settled, and with `whole` that of their job: the cluster may forget them. */
  release(settled: Settled, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Names of the nodes that take pods of the profile's gangs just now; null where that is not known. */
  usableNodes(options: { readonly signal: AbortSignal }): Promise<readonly string[] | null>;
  /** No job of the run is left to come: what they shared goes. */
  clear(run: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface StopOptions {
  readonly signal: AbortSignal;
  readonly graceSeconds?: number;
  /** Told, in words for a person, what was done to a node that does not answer, or what somebody has to do. May be told again. */
  readonly onWarning?: (message: string) => void;
}

export interface Settled {
  readonly job: string;
  /** By name. */
  readonly pods: readonly string[];
  /** The job, too. One that has not finished by itself is removed: it would stay for ever. */
  readonly whole: boolean;
}
