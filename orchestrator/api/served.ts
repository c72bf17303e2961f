import type { Caller } from '../contract/caller.ts';
import type { Stint } from '../contract/routes.ts';
import type { VerbName } from '../contract/verbs.ts';
import type { Uploads } from '../documents/uploads.ts';
import type { Once } from '../operations/desk.ts';
import type { Streams } from '../operations/local-streams.ts';
import type { AnswerStore } from '../ports/store.ts';
import type { Metrics } from './metrics.ts';

/** What a server answers for. */
export interface Served {
  readonly version: string;
  /** Null where the token does not hold. */
  readonly callerOf: (token: string) => Promise<Caller | null>;
  readonly stintFor: (caller: Caller, once?: Once) => Stint;
  readonly streamsFor: (caller: Caller) => Streams;
  readonly uploads: Pick<Uploads, 'keep'>;
  readonly answers: AnswerStore;
  readonly now: () => number;
  /** Throws while the server cannot work: its store does not answer. */
  readonly requireReady: () => Promise<void>;
  readonly metrics: Metrics;
  /** Of each request that changes something, once it was answered. */
  readonly audit: (line: AuditLine) => void;
  /** A fault of Stint's, and the reference that who asked was given. */
  readonly defect: (error: unknown, reference: string) => void;
}

export interface AuditLine {
  readonly caller: string;
  readonly verb: VerbName | 'sendFile';
  readonly question: unknown;
  readonly status: number;
}
