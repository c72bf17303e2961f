import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { isStintError } from '../errors/stint-error.ts';
import { mayPass } from './ask-again.ts';
import { request, type Server, serverRefusal, unreachable } from './request.ts';

/** A server that is started again is back within it. */
const PATIENCE_MILLISECONDS = 60_000;
const PAUSE_MILLISECONDS = 1_000;

export interface Heard {
  readonly event: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/**
 * The events that a server sends, until `end`, which is the last. Where the connection breaks it is asked again, and goes on after
 * the last ids; the signal ends it without one.
 *
 * @throws StintError what the server refuses, and `server-unreachable` when it has not come back in a minute.
 */
export async function* serverEvents(
  server: Server,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Heard, void, void> {
  const ids = new Map<string, string>();
  let wasThere = false;
  for (let brokenAt: number | null = null; !signal.aborted; ) {
    try {
      const headers = ids.size === 0 ? {} : { 'last-event-id': [...ids.values()].join(',') };
      const response = await request(server, { method: 'GET', path, headers, signal });
      for await (const heard of messages(server, response)) {
        brokenAt = null;
        // What comes before the last colon tells what is counted: each pod has its own numbers.
        if (heard.id !== undefined) ids.set(heard.id.replace(/:\d+$/, ''), heard.id);
        yield heard;
        if (heard.event === 'end') return;
      }
      // A server that ends closes what it was sending.
    } catch (error) {
      if (signal.aborted) return;
      wasThere ||= ids.size > 0 || mayPass(error, false);
      if (!isStintError(error) || error.code !== 'server-unreachable' || !wasThere) throw error;
      brokenAt ??= Date.now();
      if (Date.now() - brokenAt > PATIENCE_MILLISECONDS) throw error;
    }
    await setTimeout(PAUSE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}

async function* messages({ url }: Server, answer: IncomingMessage): AsyncGenerator<Heard, void, void> {
  const parsed = Readable.toWeb(answer)
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  try {
    for await (const { event = 'message', data, id } of parsed) {
      const value = JSON.parse(data) as unknown;
      if (event === 'problem') throw serverRefusal(url, 500, value);
      yield { event, data: value, id };
    }
  } catch (error) {
    throw isStintError(error) ? error : unreachable(url, error);
  }
}
