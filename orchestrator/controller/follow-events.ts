import type { Cluster } from '../../cluster/port.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { TrainerEvent } from '../wire/trainer-event.ts';
import { parseEvent } from './parse-event.ts';

export interface IndexedEvent {
  readonly index: number;
  readonly event: TrainerEvent;
}

/** Events of one pod, in order, each once; `index` counts them from 0. */
export type EventHandler = (pod: PodFacts, events: readonly IndexedEvent[]) => Promise<void>;

/** A pod may write hundreds of lines a second; they are handed on in batches of this period. */
const BATCH_MILLISECONDS = 200;

/** Hands on what a pod tells in its log; ends with the log. */
export async function followEvents(
  cluster: Cluster,
  pod: PodFacts,
  { onEvents, onWarning }: { readonly onEvents: EventHandler; readonly onWarning: (message: string) => void },
  signal: AbortSignal,
): Promise<void> {
  let seen = 0;
  let batch: IndexedEvent[] = [];
  let flushed = Promise.resolve();
  const flush = () => {
    const ready = batch;
    batch = [];
    if (ready.length > 0) flushed = flushed.then(() => onEvents(pod, ready));
  };
  const timer = setInterval(flush, BATCH_MILLISECONDS);
  try {
    for await (const { text } of cluster.logs(pod.name, { signal })) {
      const event = parseEvent(text);
      if (event) batch.push({ index: seen++, event });
    }
  } catch (error) {
    if (!signal.aborted) onWarning(`the log of ${pod.name} could not be followed: ${String(error)}`);
  } finally {
    clearInterval(timer);
    flush();
    await flushed;
  }
}
