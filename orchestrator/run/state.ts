import type { Stage } from '../wire/job-spec.ts';
import type { ExitClass } from '../wire/termination.ts';

/** Who must act on a failure. */
export type FailureKind = 'infrastructure' | 'user' | 'configuration' | 'budget';

/**
 * Where a run is. It ends in succeeded, failed or stopped; a person can resume all but the first.
 *
 *   queued ──→ running ──→ running (next stage, or next attempt) ──→ succeeded
 *     │          │  └───→ failed
 *     │          └──────→ stopping ──→ stopped | interrupted
 *     └─────────────────→ stopped | interrupted ──(resume)──→ queued
 */
export type RunState =
  /** Accepted and recorded; no pod of it exists. */
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
  /** Not finished, no pod alive, nobody working on it: its controller went away. */
  | { readonly kind: 'interrupted'; readonly message: string }
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

/** A run as its events add up to it. */
export interface Run {
  readonly state: RunState;
  /** Stages whose results are there. */
  readonly done: readonly Stage[];
  /** Stages whose results were taken over into the store. */
  readonly collected: readonly Stage[];
  /** The newest attempt; 0 before the first. A new attempt starts when pods start again, not at each stage. */
  readonly attempt: number;
  /** Attempts that were started without a person asking, since one last did. */
  readonly retries: number;
  readonly checkpoint: string | null;
}

export const NEW_RUN: Run = {
  state: { kind: 'queued' },
  done: [],
  collected: [],
  attempt: 0,
  retries: 0,
  checkpoint: null,
};

/** Nothing more will happen to it by itself. */
export const isAtRest = (state: RunState): boolean =>
  state.kind !== 'queued' && state.kind !== 'running' && state.kind !== 'stopping';
