import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Whoever is between closes a connection on which nothing comes. */
const KEEP_ALIVE_MILLISECONDS = 15_000;

/** Server-sent events to one client. */
export interface EventStream {
  /** Aborted when the client has gone, or the server ends. */
  readonly signal: AbortSignal;
  /** Ends when the client can take more. */
  readonly send: (event: string, data: unknown, id?: string) => Promise<void>;
}

/**
 * Answers with what `work` sends, until it ends. Where it throws before anything was sent that is an answer like any other;
 * afterwards `onFailure` says what is sent as the event `problem`.
 */
export async function streamTo(
  reply: FastifyReply,
  ended: AbortSignal,
  headers: Readonly<Record<string, string>>,
  work: (stream: EventStream) => Promise<void>,
  onFailure: (error: unknown) => unknown,
): Promise<void> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, ended]);
  const { raw } = reply;
  raw.on('close', () => gone.abort());
  function begin(): void {
    if (reply.sent) return;
    reply.hijack();
    raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  }
  async function write(text: string): Promise<void> {
    begin();
    if (signal.aborted || raw.write(text)) return;
    await once(raw, 'drain', { signal }).catch(() => undefined);
  }
  const ticking = setInterval(() => void write(': \n\n'), KEEP_ALIVE_MILLISECONDS).unref();
  const send: EventStream['send'] = (event, data, id) =>
    write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  try {
    await work({ signal, send });
    begin();
  } catch (error) {
    if (!reply.sent) throw error;
    await send('problem', onFailure(error));
  } finally {
    clearInterval(ticking);
    if (reply.sent) raw.end();
  }
}
