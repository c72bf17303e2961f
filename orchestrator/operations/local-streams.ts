import type { FollowingFrom, ReadLogs } from '../contract/streams.ts';
import type { RunState } from '../run/state.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';
import { followRun } from './follow-run.ts';
import { localLogs } from './local-logs.ts';
import type { ProgressHub } from './progress-hub.ts';

/** What comes bit by bit. */
export interface Streams {
  readonly followRun: (run: string, following: FollowingFrom) => Promise<RunState | null>;
  readonly readLogs: ReadLogs;
}

/** What comes bit by bit, for a caller, from this process. */
export const localStreams = (desk: Desk, hub: ProgressHub): Streams => ({
  readLogs: localLogs(desk),
  followRun: async (run, following) =>
    followRun(desk.workplace, hub, await findRun(desk.workplace.store, run, desk.caller), following),
});
