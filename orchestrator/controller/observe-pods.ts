import { setTimeout } from 'node:timers/promises';
import type { Cluster } from '../../cluster/port.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { TrainerEvent } from '../wire/trainer-event.ts';
import { parseEvent } from './parse-event.ts';

export interface PodObserver {
  /** Every pod of the run as last seen; null while that cannot be read. */
  readonly pods: () => readonly PodFacts[] | null;
  /** Ends when the log of every pod that has ended is read to its end. */
  readonly drained: () => Promise<void>;
}

export interface PodHandlers {
  /** The full set, each time it changed. */
  readonly onPods: (pods: readonly PodFacts[]) => Promise<void>;
  /** Events of one pod, in order, each once; `index` counts them from 0. */
  readonly onEvents: (pod: PodFacts, events: readonly IndexedEvent[]) => Promise<void>;
  readonly onWarning: (message: string) => void;
  /** After `onPods`: there is something new to decide on. */
  readonly onChange: () => void;
}

export interface IndexedEvent {
  readonly index: number;
  readonly event: TrainerEvent;
}

const RETRY_MILLISECONDS = 1_000;
/** A pod may write hundreds of lines a second; they are handed on in batches of this period. */
const BATCH_MILLISECONDS = 200;

/** Watches the pods of a run and follows the log of each, over failures of the connection, until told to stop. */
export function observePods(
  cluster: Cluster,
  run: string,
  handlers: PodHandlers,
  signal: AbortSignal,
): PodObserver {
  let latest: readonly PodFacts[] | null = null;
  const followed = new Map<string, Promise<void>>();

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const pods of cluster.watch(run, { signal })) {
          for (const pod of pods) if (!followed.has(pod.uid)) followed.set(pod.uid, follow(pod));
          await handlers.onPods(pods);
          latest = pods;
          handlers.onChange();
        }
      } catch (error) {
        if (signal.aborted) break;
        latest = null; // Unknown is a state: nothing is decided until the pods are seen again.
        handlers.onWarning(`the pods of ${run} could not be read, trying again: ${String(error)}`);
      }
      if (!signal.aborted) await sleep(RETRY_MILLISECONDS, signal);
    }
  }

  async function follow(pod: PodFacts): Promise<void> {
    let seen = 0;
    let batch: IndexedEvent[] = [];
    let flushed = Promise.resolve();
    const flush = () => {
      const ready = batch;
      batch = [];
      if (ready.length > 0) flushed = flushed.then(() => handlers.onEvents(pod, ready));
    };
    const timer = setInterval(flush, BATCH_MILLISECONDS);
    try {
      for await (const { text } of cluster.logs(pod.name, { signal })) {
        const event = parseEvent(text);
        if (event) batch.push({ index: seen++, event });
      }
    } catch (error) {
      if (!signal.aborted)
        handlers.onWarning(`the log of ${pod.name} could not be followed: ${String(error)}`);
    } finally {
      clearInterval(timer);
      flush();
      await flushed;
    }
  }

  void watch();
  return { pods: () => latest, drained: async () => void (await Promise.all(followed.values())) };
}

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
