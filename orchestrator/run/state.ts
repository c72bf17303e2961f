import type { Stage } from '../wire/job-spec.ts';
import type { ExitClass } from '../wire/termination.ts';

/** Who must act on a failure. */
export type FailureKind = 'infrastructure' | 'user' | 'configuration' | 'budget';

/**
 * Where a run is. Terminal: succeeded, failed, stopped. `interrupted` waits for a person or for `stint runs resume`.
 *
 *   queued ──→ running ──→ running (next stage) ──→ succeeded
 *                │  │└──→ failed
 *                │  └───→ stopping ──→ stopped | interrupted
 *                └──────→ interrupted ──→ running (next attempt)
 */
export type RunState =
  /** Accepted and recorded; no pod exists yet. */
  | { readonly kind: 'queued' }
  /** A stage's pods exist or are about to. */
  | { readonly kind: 'running'; readonly stage: Stage; readonly attempt: number }
  /** Pods were asked to end; they may be saving a checkpoint. */
  | {
      readonly kind: 'stopping';
      readonly stage: Stage;
      readonly attempt: number;
      readonly why: 'cancel' | 'interrupt';
    }
  /** No pod is alive and the run is not finished: whoever watched it went away. It can be resumed. */
  | {
      readonly kind: 'interrupted';
      readonly stage: Stage;
      readonly attempt: number;
      readonly message: string;
    }
  /** A person cancelled it. */
  | { readonly kind: 'stopped'; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly stage: Stage;
      readonly failure: FailureKind;
      readonly exitClass: ExitClass;
      readonly message: string;
    }
  | { readonly kind: 'succeeded'; readonly checkpoint: string };
