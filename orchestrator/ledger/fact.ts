import type { CapacityType } from '../profile/capacity.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { Phase } from '../wire/phase.ts';

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
  /** Devices that its processes work on. Absent: all of them. */
  readonly usedDevices?: number;
  /** Pods that the attempt needs before any of them can work. Absent: those that are known. */
  readonly gang?: number;
  /** Absent: on demand. */
  readonly capacity?: CapacityType;
  readonly region?: string;
}

/** What the pod's devices do from here on. */
export interface PhaseFact extends Common {
  readonly kind: 'phase';
  readonly phase: Phase;
  /** Place among the pod's phase facts of the same millisecond. */
  readonly order: number;
}

/** A checkpoint holds the attempt's work until then, so no later attempt has to do it again. */
export interface KeptFact extends Common {
  readonly kind: 'kept';
}

/** Its node does not answer since then: whether it lives is not known. */
export interface UnreachableFact extends Common {
  readonly kind: 'unreachable';
}

/** It was alive then, by its own word or its node's. Recorded where its end or its node's silence leaves a doubt. */
export interface AliveFact extends Common {
  readonly kind: 'alive';
}

/** The pod is proven to hold nothing any more. `seen` is false when nobody saw the end itself, only that it had come. */
export interface EndedFact extends Common {
  readonly kind: 'ended';
  readonly seen: boolean;
  /** Its containers did what they were started for. Absent: not known. */
  readonly succeeded?: boolean;
}

/** The ledger is an append-only set of these; everything else is derived. No fact holds a price. */
export type LedgerFact = BoundFact | PhaseFact | KeptFact | UnreachableFact | AliveFact | EndedFact;
