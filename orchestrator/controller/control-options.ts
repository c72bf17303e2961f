import type { OnProgress } from '../run/progress.ts';

export interface ControlOptions {
  /** Aborted when this process should go away. Where pods go with it, they are asked to save and end; else they go on. */
  readonly interrupt: AbortSignal;
  /** Aborted when there is no time left: pods are killed. */
  readonly force: AbortSignal;
  readonly onProgress: OnProgress;
}
