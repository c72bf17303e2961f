import { z } from 'zod';
import { ApiError, answeredError } from './api-error.ts';
import { delayAfter, type Pace, pause } from './back-off.ts';
import { byteLines } from './byte-lines.ts';
import type { ApiClient, JsonObject } from './client.ts';

/** Loose: what is only passed on keeps every field. */
const MetadataSchema = z.looseObject({ uid: z.string(), resourceVersion: z.string() });
const ListSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.looseObject({ metadata: MetadataSchema })),
});
const EventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
    object: z.looseObject({ metadata: MetadataSchema }),
  }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: MetadataSchema.pick({ resourceVersion: true }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.looseObject({ code: z.int().default(500) }) }),
]);
type Item = z.infer<typeof ListSchema>['items'][number];
type ChangeEvent = Exclude<z.infer<typeof EventSchema>, { type: 'ERROR' }>;

export type ListWatchEvent =
  /**
   * The full set: after a list, and after each change. `touched`: what of it is new, or other than before; `vanished`: what was in the
   * set before, as it was last seen.
   */
  | {
      readonly kind: 'synced' | 'changed';
      readonly objects: readonly JsonObject[];
      readonly touched: readonly JsonObject[];
      readonly vanished: readonly JsonObject[];
    }
  /** The set may be out of date; it is being tried again. */
  | {
      readonly kind: 'degraded';
      readonly what: string;
      /** Where a person has to fix it. */
      readonly refusal?: ApiError;
    }
  /** The set is up to date again, and is as it was. */
  | { readonly kind: 'restored' };

export interface WatchPace extends Pace {
  /** The server is asked for a bookmark a minute or so; no word for longer means a connection that died in silence. */
  readonly silenceMs: number;
  /** The server ends a watch after this, and up to a fifth less by chance. */
  readonly watchSeconds: number;
  /** Seen again in full, in case a change was kept from us. */
  readonly relistMs: number;
}
const PACE: WatchPace = {
  shortestMs: 250,
  longestMs: 30_000,
  silenceMs: 75_000,
  watchSeconds: 300,
  relistMs: 600_000,
};
const PAGE = 500;
/** A watch that lives no longer has failed, even if it was closed in good order. */
const SHORT_LIFE_MS = 2_000;
/** etcd takes no object above 1.5 MiB; an event carries one. */
const LONGEST_EVENT_BYTES = 8 << 20;

export interface ListWatchOptions {
  readonly path: string;
  readonly labelSelector: string;
  readonly fieldSelector?: string;
  readonly signal: AbortSignal;
}

/**
 * What the selector finds, for as long as the signal is not aborted: listed, then watched from there, through resets,
 * silence, expired versions and servers that start again. Level-triggered: each sight is the full set, so a consumer
 * that missed some has missed nothing; who takes every one needs only what it says was touched and what vanished.
 *
 * @throws ApiError when the first list, or the first watch, is refused for a reason that a person must fix
 */
export async function* listWatch(
  client: ApiClient,
  watched: ListWatchOptions,
  pace: WatchPace = PACE,
): AsyncGenerator<ListWatchEvent, void, void> {
  const { signal } = watched;
  const set = new WatchedSet();
  let hasWatched = false;
  for (let failures = 0; !signal.aborted; ) {
    const begun = performance.now();
    let retryAfterMs = 0;
    try {
      if (begun >= set.staleAt) yield set.replace(await list(client, watched), begun + pace.relistMs);
      const events = await watchFrom(client, watched, set.version, pace);
      hasWatched = true;
      yield { kind: 'restored' };
      for await (const event of events) {
        failures = 0;
        const sight = set.take(event);
        if (sight) yield sight;
      }
      failures = performance.now() - begun < SHORT_LIFE_MS ? failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError) || (!hasWatched && isForAPerson(error))) throw error;
      failures += 1;
      retryAfterMs = error.retryAfterMs;
      if (isExpired(error)) set.expire();
      else yield { kind: 'degraded', what: error.message, ...(isForAPerson(error) && { refusal: error }) };
    }
    await pause(delayAfter(failures, retryAfterMs, pace), signal);
  }
}

/** No fault: the set is listed again, as it is when an event could not be understood. */
const isExpired = ({ status }: ApiError): boolean => status === 410 || status === UNREADABLE;

const isForAPerson = (error: ApiError): boolean => !error.passing && !isExpired(error);

/** What is known of the set, and from which version on changes are asked for. */
class WatchedSet {
  #known = new Map<string, Item>();
  #version = '';
  #staleAt = Number.NEGATIVE_INFINITY;

  get version(): string {
    return this.#version;
  }

  /** On the clock of `performance.now()`. */
  get staleAt(): number {
    return this.#staleAt;
  }

  expire(): void {
    this.#staleAt = Number.NEGATIVE_INFINITY;
  }

  replace({ items, version }: Listed, staleAt: number): ListWatchEvent {
    const before = this.#known;
    const vanished = [...before.values()].filter(({ metadata }) => !items.has(metadata.uid));
    // What is as it was stays the same object, so that nobody reads it again.
    const objects = [...items.values()].map((item) => {
      const known = before.get(item.metadata.uid);
      return known?.metadata.resourceVersion === item.metadata.resourceVersion ? known : item;
    });
    this.#known = new Map(objects.map((item) => [item.metadata.uid, item]));
    [this.#version, this.#staleAt] = [version, staleAt];
    const touched = objects.filter((item) => before.get(item.metadata.uid) !== item);
    return { kind: 'synced', objects, touched, vanished };
  }

  /** Undefined for an event that changes nothing. */
  take({ type, object }: ChangeEvent): ListWatchEvent | undefined {
    this.#version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return undefined;
    if (type === 'DELETED') this.#known.delete(object.metadata.uid);
    else this.#known.set(object.metadata.uid, object);
    const known = this.#known;
    const isGone = type === 'DELETED';
    return {
      kind: 'changed',
      // Made when it is asked for: who follows each change needs no list of all.
      get objects() {
        return [...known.values()];
      },
      touched: isGone ? [] : [object],
      vanished: isGone ? [object] : [],
    };
  }
}

interface Listed {
  readonly items: Map<string, Item>;
  readonly version: string;
}

/** Of a list as of a watch. */
const selectorsOf = ({ labelSelector, fieldSelector }: ListWatchOptions) => ({
  labelSelector,
  ...(fieldSelector !== undefined && { fieldSelector }),
});

async function list(client: ApiClient, watched: ListWatchOptions): Promise<Listed> {
  const { path, signal } = watched;
  const items = new Map<string, Item>();
  for (let next = ''; ; ) {
    const query = { ...selectorsOf(watched), limit: PAGE, ...(next === '' ? {} : { continue: next }) };
    const page = ListSchema.parse(await client.json({ path, query, signal }));
    for (const item of page.items) items.set(item.metadata.uid, item);
    next = page.metadata.continue ?? '';
    if (next === '') return { items, version: page.metadata.resourceVersion };
  }
}

/** Resolves when the server has taken the version as one that it can watch from. */
async function watchFrom(
  client: ApiClient,
  watched: ListWatchOptions,
  resourceVersion: string,
  { silenceMs, watchSeconds }: WatchPace,
) {
  const timeoutSeconds = Math.ceil(watchSeconds * (1 - Math.random() / 5));
  const { path, signal } = watched;
  const query = {
    ...selectorsOf(watched),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds,
  };
  return eventsOf(await client.stream({ path, query, signal, silenceMs }), path);
}

async function* eventsOf(chunks: AsyncIterable<Buffer>, path: string) {
  for await (const line of byteLines(chunks, { longestBytes: LONGEST_EVENT_BYTES, unfinished: false })) {
    const event = parseEvent(line, path);
    if (event.type === 'ERROR')
      throw answeredError(
        { method: 'watch', path, server: '' },
        event.object.code,
        JSON.stringify(event.object),
      );
    yield event;
  }
}

/** In place of an HTTP status: an event that is none. */
const UNREADABLE = -1;

function parseEvent(line: string, path: string): z.infer<typeof EventSchema> {
  try {
    return EventSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new ApiError(
      {
        code: 'cluster-bad-answer',
        where: path,
        what: `the API server sent a watch event that cannot be read: ${line.slice(0, 200)}`,
        todo: 'see whether a proxy stands in between',
      },
      { status: UNREADABLE, passing: true, cause: error },
    );
  }
}
