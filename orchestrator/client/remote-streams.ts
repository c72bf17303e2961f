import { type FollowRun, type LogLine, type ReadLogs, STREAMS } from '../contract/streams.ts';
import { filledPath } from '../contract/verbs.ts';
import type { Progress } from '../run/progress.ts';
import type { RunState } from '../run/state.ts';
import { serverEvents } from './event-source.ts';
import type { Server } from './request.ts';

/** A run of a server, followed from here. */
export const remoteFollow =
  (server: Server): FollowRun =>
  async (run, { signal, onProgress }) => {
    for await (const { event, data } of serverEvents(server, pathOf('followRun', run), signal)) {
      if (event === 'progress') onProgress(data as Progress);
      if (event === 'end') return (data as { readonly state: RunState }).state;
    }
    return null;
  };

/** The lines of a server's run. */
export const remoteLogs =
  (server: Server): ReadLogs =>
  async (run, { stage, follow, signal, onLine, onNote }) => {
    const query = new URLSearchParams({ ...(stage && { stage }), follow: String(follow) });
    for await (const { event, data } of serverEvents(
      server,
      `${pathOf('readLogs', run)}?${query.toString()}`,
      signal,
    )) {
      if (event === 'line') await onLine(data as LogLine);
      if (event === 'note') onNote((data as { readonly message: string }).message);
      if (event === 'end') return (data as { readonly state: RunState | null }).state;
    }
    return null;
  };

const pathOf = (name: keyof typeof STREAMS, run: string): string =>
  filledPath(STREAMS[name].path, () => encodeURIComponent(run));
