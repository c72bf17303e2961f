import type { Stage } from '../wire/job-spec.ts';
import type { Phase } from '../wire/trainer-event.ts';

interface Common {
  /** Same fact, same key: recording it twice changes nothing. */
  readonly key: string;
  readonly run: string;
  readonly pod: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The pod was bound to a node and holds its devices from here on. */
export interface BoundFact extends Common {
  readonly kind: 'bound';
  readonly stage: Stage;
  readonly attempt: number;
  readonly node: string;
  readonly deviceModel: string;
  readonly devices: number;
}

/** What the pod's devices do from here on. */
export interface PhaseFact extends Common {
  readonly kind: 'phase';
  readonly phase: Phase;
  /** Place among the pod's phase facts of the same millisecond. */
  readonly order: number;
}

/** The pod is proven to hold nothing any more. `seen` is false when nobody saw the end itself, only that it had come. */
export interface EndedFact extends Common {
  readonly kind: 'ended';
  readonly seen: boolean;
}

/** The ledger is an append-only set of these; everything else is derived. No fact holds a price. */
export type LedgerFact = BoundFact | PhaseFact | EndedFact;
