import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { Database } from './schema.ts';
import type { StoreFeed } from './store-feed.ts';
import { Subscribers } from './subscribers.ts';

/** As the triggers name it. */
const CHANNEL = 'stint';
const PROBE_MILLISECONDS = 10_000;
const HEARD_WITHIN_MILLISECONDS = 5_000;
const AGAIN_MILLISECONDS = 1_000;

export interface Listening {
  /** A connection of its own: a pooler, and the pool of this process, give theirs to others between two queries. */
  readonly newClient: () => pg.Client;
  /** Whether this process has notified: what it has written it knows already. */
  readonly isOwn: (processId: number) => boolean;
}

/**
 * Tells what other processes write, as PostgreSQL notifies of it. A connection that is lost, or on which a notification of its own
 * is not heard, wakes everybody: when it is lost, and when there is another one.
 */
export function postgresFeed(db: Kysely<Database>, listening: Listening): StoreFeed {
  const subscribers = new Subscribers();
  const closed = new AbortController();
  let isListening = false;

  async function keepListening(): Promise<void> {
    while (!closed.signal.aborted) {
      await listen(db, listening, subscribers, closed.signal).catch(() => undefined);
      if (closed.signal.aborted) return;
      subscribers.tellAll();
      await pause(AGAIN_MILLISECONDS, undefined, { signal: closed.signal }).catch(() => undefined);
    }
  }

  return {
    subscribe: (subject, onChange) => {
      if (!isListening) void keepListening();
      isListening = true;
      return subscribers.add(subject, onChange);
    },
    wrote: (subject) => subscribers.tell(subject),
    close: () => closed.abort(),
  };
}

/** Ends when the connection is lost, or the feed is closed. */
async function listen(
  db: Kysely<Database>,
  { newClient, isOwn }: Listening,
  subscribers: Subscribers,
  closed: AbortSignal,
): Promise<void> {
  const client = newClient();
  const [lost, heard] = [new AbortController(), new Set<string>()];
  const lose = () => lost.abort();
  closed.addEventListener('abort', lose);
  client.on('error', lose);
  client.on('end', lose);
  client.on('notification', ({ processId, payload = '' }) => {
    if (payload.startsWith('probe ')) heard.add(payload);
    else if (!isOwn(processId)) subscribers.tell(payload);
  });
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    // What was written before is not told any more.
    subscribers.tellAll();
    await probe(db, heard, lost.signal);
  } finally {
    closed.removeEventListener('abort', lose);
    // Where nobody answers at the other side, this does not end.
    void client.end().catch(() => undefined);
  }
}

/** Ends when the connection is lost, which may not be said by anybody: then what is notified is not heard on it. */
async function probe(db: Kysely<Database>, heard: Set<string>, lost: AbortSignal): Promise<void> {
  while (!lost.aborted) {
    await pause(PROBE_MILLISECONDS, undefined, { signal: lost });
    const text = `probe ${randomUUID()}`;
    await sql`select pg_notify(${CHANNEL}, ${text})`.execute(db);
    await pause(HEARD_WITHIN_MILLISECONDS, undefined, { signal: lost });
    if (!heard.delete(text)) return;
  }
}
