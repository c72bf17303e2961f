import type { KeptLine, KeptLog } from '../documents/kept-logs.ts';
import type { Cluster } from '../ports/cluster.ts';
import { type PodFacts, podText } from '../run/pod-facts.ts';
import type { TrainerEvent } from '../wire/trainer-event.ts';
import type { Clock } from './clock.ts';
import { parseEvent } from './parse-event.ts';

export interface IndexedEvent {
  readonly index: number;
  readonly event: TrainerEvent;
}

/** Events of one pod, in order, each once; `index` counts them from 0. */
export type EventHandler = (pod: PodFacts, events: readonly IndexedEvent[]) => Promise<void>;

export interface LogHandlers {
  readonly onEvents: EventHandler;
  /** Where the lines themselves are kept; undefined where the cluster keeps them. */
  readonly keepLog?: ((pod: PodFacts) => Promise<KeptLog>) | undefined;
  readonly onWarning: (message: string) => void;
}

/** A pod may write hundreds of lines a second; they are handed on together, so long after the first of them. */
const BATCH_MILLISECONDS = 200;

/** What could not be handed on by the end of the log is tried again for so long: a store that is busy is not for ever. */
const TRIES_AFTER_END = 60;
const BETWEEN_TRIES_MILLISECONDS = 1_000;

/** Hands on what a pod tells in its log, and keeps it; ends with the log, when all is handed on. Never rejects. */
export async function followEvents(
  cluster: Cluster,
  { sleep }: Pick<Clock, 'sleep'>,
  pod: PodFacts,
  { onEvents, keepLog, onWarning }: LogHandlers,
  signal: AbortSignal,
): Promise<void> {
  const keep = keeper(pod, { keepLog, onWarning });
  let seen = 0;
  let events: IndexedEvent[] = [];
  let lines: KeptLine[] = [];
  let flushed = Promise.resolve();
  let isTold = false;
  let waiting: AbortController | undefined;
  let isOver = false;
  const handOn = async () => {
    const ready = events;
    events = [];
    try {
      if (ready.length > 0) await onEvents(pod, ready);
      isTold = false;
    } catch (error) {
      events = [...ready, ...events];
      void flushSoon();
      if (!isTold)
        onWarning(`what ${podText(pod)} tells is not recorded yet, trying again: ${String(error)}`);
      isTold = true;
    }
  };
  const flush = () => {
    waiting?.abort();
    waiting = undefined;
    const readyLines = lines;
    lines = [];
    if (readyLines.length > 0) flushed = flushed.then(() => keep(readyLines));
    if (events.length > 0) flushed = flushed.then(handOn);
  };
  /** A pod that is silent for hours costs nothing meanwhile. */
  const flushSoon = async () => {
    if (waiting || isOver) return;
    const own = new AbortController();
    waiting = own;
    await sleep(BATCH_MILLISECONDS, own.signal);
    if (waiting === own) flush();
  };
  try {
    for await (const { at, text } of cluster.logs(pod.name, { signal })) {
      if (keepLog) lines.push({ at, text });
      const event = parseEvent(text);
      if (event) events.push({ index: seen++, event });
      if (lines.length + events.length > 0) void flushSoon();
    }
  } catch (error) {
    if (!signal.aborted) onWarning(`the log of ${podText(pod)} could not be followed: ${String(error)}`);
  } finally {
    isOver = true;
    flush();
    await flushed;
    for (let tries = 0; events.length > 0 && !signal.aborted && tries < TRIES_AFTER_END; tries++) {
      await sleep(BETWEEN_TRIES_MILLISECONDS, signal);
      await handOn();
    }
  }
}

/** A log that cannot be kept, on a disk that is full, is told once; the run goes on without. */
function keeper(
  pod: PodFacts,
  { keepLog, onWarning }: Pick<LogHandlers, 'keepLog' | 'onWarning'>,
): (lines: readonly KeptLine[]) => Promise<void> {
  let isKept = keepLog !== undefined;
  let log: KeptLog | undefined;
  return async (lines) => {
    if (!isKept) return;
    try {
      log ??= await keepLog?.(pod);
      await log?.append(lines);
    } catch (error) {
      isKept = false;
      onWarning(`the log of ${podText(pod)} is not kept from here on: ${String(error)}`);
    }
  };
}
