import type { Cluster } from '../ports/cluster.ts';
import type { Observation } from '../run/job-facts.ts';
import { type KnownPod, numberAttempts } from '../run/number-attempts.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { Clock } from './clock.ts';
import { followEvents, type LogHandlers } from './follow-events.ts';
import { isGivenUp, pauseAfter, type TroubleKind, troubleKind } from './retry-policy.ts';

export interface RunObserver {
  /** All of the run as last seen; null while that cannot be read. */
  readonly seen: () => Observation | null;
  /** Ends when the logs of these pods, or of all, are read to their ends. */
  readonly drained: (pods?: readonly string[]) => Promise<void>;
  /** Why the run may not be read, however often it is tried; undefined while that is not so. */
  readonly refusal: () => { readonly error: unknown } | undefined;
  /** Why it could not be read the last time, where that is not for want of an answer; undefined once it was. */
  readonly denied: () => Error | undefined;
  /** Ends when the job is seen for the first time, and at the end of watching. */
  readonly appeared: (job: string) => Promise<void>;
}

export interface RunHandlers extends LogHandlers {
  /** All pods, each time something changed. */
  readonly onPods: (pods: readonly PodFacts[]) => Promise<void>;
  /** Pods of the ledger, by uid, that have no end there and are not on the cluster any more. */
  readonly onMissing: (uids: readonly string[]) => Promise<void>;
  /** After `onPods`: there is something new to decide on. */
  readonly onChange: () => void;
}

/** What shows something and breaks off sooner has not worked: it is refused as often as before. */
const LASTING_MILLISECONDS = 10_000;
/** A watch that ends without trouble is begun again after this. */
const AGAIN_MILLISECONDS = 1_000;
const SOON_MILLISECONDS = 5_000;

/**
 * Watches a run and follows the log of each of its pods, over failures of the connection, until told to stop.
 *
 * @param known - Pods of the run that the ledger has, by uid.
 */
export function observeRun(
  cluster: Cluster,
  clock: Clock,
  run: string,
  handlers: RunHandlers,
  known: ReadonlyMap<string, KnownPod>,
  signal: AbortSignal,
): RunObserver {
  let latest: Observation | null = null;
  let refusal: { readonly error: unknown } | undefined;
  let denied: Error | undefined;
  const numbers = new Map(known);
  const missing = new Set<string>();
  const followed = new Map<string, { readonly name: string; readonly done: Promise<void> }>();

  const awaited = new Map<string, PromiseWithResolvers<void>>();
  signal.addEventListener('abort', () => {
    for (const { resolve } of awaited.values()) resolve();
  });

  async function take(seen: Observation): Promise<void> {
    const pods = numberAttempts(seen.pods, numbers);
    for (const { uid, stage, attempt, boundAt, endedAt } of pods)
      numbers.set(uid, { stage, attempt, boundAt, endedAt });
    for (const pod of pods)
      if (!followed.has(pod.uid))
        followed.set(pod.uid, { name: pod.name, done: followEvents(cluster, clock, pod, handlers, signal) });
    await handlers.onPods(pods);
    await missed(new Set(pods.map(({ uid }) => uid)));
    latest = { ...seen, pods };
    denied = undefined;
    for (const { name } of seen.jobs) awaited.get(name)?.resolve();
    handlers.onChange();
  }

  /** Somebody has taken their records away while nobody looked: nobody will ever see their ends. */
  async function missed(present: ReadonlySet<string>): Promise<void> {
    const open = [...numbers].flatMap(([uid, { endedAt }]) =>
      endedAt === undefined && !present.has(uid) && !missing.has(uid) ? [uid] : [],
    );
    if (open.length === 0) return;
    await handlers.onMissing(open);
    for (const uid of open) missing.add(uid);
  }

  void keepWatching(cluster, clock, signal, {
    run,
    onSeen: take,
    onLost: (error, kind, failures) => {
      latest = null; // Unknown is a state: nothing is decided until the run is seen again.
      if (kind === 'refused' && error instanceof Error) denied = error;
      if (kind === 'refused' && isGivenUp(kind, failures)) refusal = { error };
      handlers.onChange();
    },
    onWarning: handlers.onWarning,
  });

  return {
    seen: () => latest,
    refusal: () => refusal,
    denied: () => denied,
    appeared: async (job) => {
      if (signal.aborted || latest?.jobs.some(({ name }) => name === job)) return;
      const seen = awaited.get(job) ?? Promise.withResolvers();
      awaited.set(job, seen);
      await seen.promise;
    },
    drained: async (pods) => {
      const wanted = [...followed.values()].filter(({ name }) => pods?.includes(name) ?? true);
      await Promise.all(wanted.map(({ done }) => done));
    },
  };
}

interface Watching {
  readonly run: string;
  readonly onSeen: (seen: Observation) => Promise<void>;
  /** What is known is no longer what is; `failures` counts those in a row. */
  readonly onLost: (error: unknown, kind: TroubleKind, failures: number) => void;
  readonly onWarning: (message: string) => void;
}

/** Begins a watch again whenever it ends, until told to stop. */
async function keepWatching(
  cluster: Cluster,
  clock: Clock,
  signal: AbortSignal,
  { run, onSeen, onLost, onWarning }: Watching,
): Promise<void> {
  let [failures, told] = [0, ''];
  while (!signal.aborted) {
    let pause = AGAIN_MILLISECONDS;
    let shownAt: number | undefined;
    try {
      for await (const seen of cluster.watch(run, { signal })) {
        shownAt ??= clock.now();
        await onSeen(seen);
      }
      if (shownAt !== undefined) [failures, told] = [0, ''];
    } catch (error) {
      if (signal.aborted) break;
      if (shownAt !== undefined && clock.now() - shownAt >= LASTING_MILLISECONDS) [failures, told] = [0, ''];
      const kind = troubleKind(error);
      failures += 1;
      const what = String(error);
      // Each cause once, however long it lasts.
      if (what !== told) onWarning(`the pods of ${run} could not be read, trying again: ${what}`);
      told = what;
      // What answers again is seen again soon.
      const longest = kind === 'refused' ? Number.POSITIVE_INFINITY : SOON_MILLISECONDS;
      pause = Math.min(longest, Math.max(AGAIN_MILLISECONDS, pauseAfter(kind, failures)));
      onLost(error, kind, failures);
    }
    await clock.sleep(pause, signal);
  }
}
