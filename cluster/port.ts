import type { Manifest } from '../orchestrator/render/manifest.ts';
import type { PodFacts } from '../orchestrator/run/pod-facts.ts';

export interface LogLine {
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
  /** Create what is missing. An object that exists by name is left as it is. */
  apply(manifests: readonly Manifest[], options: { readonly signal: AbortSignal }): Promise<void>;
  /** Every pod of the run that is known, once at the start and again after each change; the full set each time. */
  watch(run: string, options: { readonly signal: AbortSignal }): AsyncIterable<readonly PodFacts[]>;
  /** Lines of one pod from the first on; ends when the pod has ended and all is read. */
  logs(pod: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Ask the job's pods to end (SIGTERM, SIGKILL after their grace period) and wait until each is proven dead. */
  stop(job: string, options: { readonly signal: AbortSignal; readonly graceSeconds?: number }): Promise<void>;
  /** Prove that no pod of the run is alive, ending strays; afterwards each of its pods has an end. */
  fence(run: string, options: { readonly signal: AbortSignal }): Promise<void>;
}
