import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import type { OutputLine } from '../../../orchestrator/ports/cluster.ts';
import { ApiError } from '../api/api-error.ts';
import { read } from '../api/apply.ts';
import { delayAfter, type Pace, pause } from '../api/back-off.ts';
import { byteLines } from '../api/byte-lines.ts';
import type { ApiClient } from '../api/client.ts';
import { hasEnded, mainContainer, PodSchema } from '../objects/pod.ts';
import { LogPlace, parseStamped } from './log-place.ts';

export interface LogPace extends Pace {
  /** A pod may be silent for long; the connection is made again in case it has died. */
  readonly silenceMs: number;
}
const PACE: LogPace = { shortestMs: 300, longestMs: 10_000, silenceMs: 75_000 };
/** As the local backend's: what a longer line has beyond is left out. */
const LONGEST_LINE_BYTES = 1 << 20;
/** The log of a pod that has ended may be out of reach with its node; of a running one it is asked for until it ends. */
const TRIES_AFTER_END = 6;

export interface Followed {
  /** Of the pod. */
  readonly path: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly say: (what: string) => void;
}

/**
 * Lines of a pod's container from the first on, each once, through cut connections; ends when the container has ended and
 * all is read, when the pod is gone, or on abort. Logs go with their pod, so this has to run while the pod does.
 *
 * @throws StintError `no-such-pod`; ApiError when the log of a pod that has ended cannot be read
 */
export async function* followLog(
  client: ApiClient,
  { path, follow, signal, say }: Followed,
  pace: LogPace = PACE,
): AsyncGenerator<OutputLine, void, void> {
  const place = new LogPlace();
  let [failures, known] = [0, false];
  while (!signal.aborted) {
    let last = false;
    try {
      const seen = await look(client, path, signal);
      if (seen === undefined && !known) throw noSuchPod(path);
      if (seen === undefined) return;
      known = true;
      last = seen.state === 'ended' || !follow;
      // What is written until the container's end is known is surely read after it: the last reading goes to the end.
      if (seen.state !== 'waiting')
        yield* readOnce(client, { path, container: seen.container, last, signal, pace }, place);
      if (last) return;
      failures = 0;
    } catch (error) {
      if (signal.aborted || (last && hasNoLog(error))) return;
      failures += 1;
      bear(error, { givingUp: last && failures === TRIES_AFTER_END, say });
    }
    await pause(delayAfter(failures, 0, pace), signal);
  }
}

/** Trouble that may pass is told; any other, what is not allowed, or what lasts too long, is thrown. */
function bear(
  error: unknown,
  { givingUp, say }: { readonly givingUp: boolean; readonly say: Followed['say'] },
) {
  if (!(error instanceof ApiError) || givingUp || error.status === 403) throw error;
  if (!hasNoLog(error)) say(error.message);
}

/** A container that never ran has no log, and none yet before it runs. */
const hasNoLog = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 400 || error.status === 404);

async function look(client: ApiClient, path: string, signal: AbortSignal) {
  const object = await read(client, path, signal);
  if (object === undefined) return undefined;
  const pod = PodSchema.parse(object);
  const container = mainContainer(pod);
  const ended = hasEnded(pod) || container?.state.terminated !== undefined;
  const state = ended ? 'ended' : container?.state.running ? 'running' : 'waiting';
  return { state, container: container?.name ?? pod.spec.containers[0]?.name ?? '' } as const;
}

interface Reading extends Pick<Followed, 'path' | 'signal'> {
  readonly container: string;
  readonly last: boolean;
  readonly pace: LogPace;
}

async function* readOnce(
  client: ApiClient,
  { path, container, last, signal, pace }: Reading,
  place: LogPlace,
): AsyncGenerator<OutputLine, void, void> {
  const sinceTime = place.resume();
  const query = {
    container,
    timestamps: true,
    follow: !last,
    ...(sinceTime === undefined ? {} : { sinceTime }),
  };
  const chunks = await client.stream({ path: `${path}/log`, query, signal, silenceMs: pace.silenceMs });
  for await (const text of byteLines(chunks, { longestBytes: LONGEST_LINE_BYTES, unfinished: last })) {
    const line = parseStamped(text);
    if (line && place.takes(line)) yield line;
  }
}

const noSuchPod = (path: string) =>
  new StintError({
    code: 'no-such-pod',
    where: path,
    what: `there is no pod "${path.slice(path.lastIndexOf('/') + 1)}" on the cluster, and with a pod its log goes`,
    todo: 'read what was kept of it: `stint runs logs` of the run',
  });
