import type { OnProgress } from '../run/progress.ts';
import type { RunState } from '../run/state.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { Role } from './roles.ts';

/** What comes bit by bit, as server-sent events; its last one is `end`, with the state in which the run came to rest. */
export const STREAMS = {
  followRun: {
    path: '/runs/{run}/progress',
    role: 'viewer',
    summary:
      "What becomes of a run: events `progress`; the id of a state is the number of the run's last event",
  },
  readLogs: {
    path: '/runs/{run}/logs',
    role: 'viewer',
    summary:
      "The lines of a run's pods: events `line` and `note`; the id of a line is its pod and its number there",
  },
} as const satisfies Readonly<
  Record<string, { readonly path: string; readonly role: Role; readonly summary: string }>
>;

export type StreamName = keyof typeof STREAMS;

/** Contents go to a server as they are: PUT, octets, and the digest in the path. */
export const FILE_PATH = '/files/{content}';
export const FILE_ROLE: Role = 'operator';

/** A line that a pod of a run has printed. */
export interface LogLine {
  /** `train-a2-0`: stage, attempt and completion index. */
  readonly name: string;
  /** As its cluster knows it; of one that it has let go, its unique id. */
  readonly pod: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface LogQuery {
  /** Only this stage. */
  readonly stage?: Stage | undefined;
  /** Goes on until the run is at rest. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** The next line is read when this one is taken. */
  readonly onLine: (line: LogLine) => void | Promise<void>;
  /** What a reader should know of what is missing. */
  readonly onNote: (message: string) => void;
}

/** The lines of a run's pods; gives the state in which the run came to rest where that was waited for, else null. */
export type ReadLogs = (run: string, query: LogQuery) => Promise<RunState | null>;

export interface Following {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Where a follower was left, and what is told of each state: its number is that of the run's last event. */
export interface FollowingFrom extends Following {
  readonly after: number;
  readonly onState: (state: RunState, seq: number) => void;
}

/** Tells what becomes of a run until it is at rest, and gives that state; null where the signal ended it. */
export type FollowRun = (run: string, following: Following) => Promise<RunState | null>;
