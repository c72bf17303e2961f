import type { ReadLogs } from '../contract/streams.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';
import { readLogs } from './read-logs.ts';

/** The logs that the caller may read, from this process. */
export const localLogs =
  ({ workplace, caller }: Desk): ReadLogs =>
  async (run, query) =>
    readLogs(workplace, await findRun(workplace.store, run, caller), query);
