import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly signal: AbortSignal;
}

/** From one word of a server to the next. A server that is followed says something more often. */
const SILENCE_MILLISECONDS = 300_000;

/**
 * The head of an answer, its body still to be read; an answer that sends elsewhere is not followed. By Node's own client: loading
 * what `fetch` needs takes longer than most answers.
 */
export async function overHttp(target: string, { body, ...head }: HttpRequest): Promise<IncomingMessage> {
  const { request } = target.startsWith('https:') ? await import('node:https') : await import('node:http');
  const options: RequestOptions = { ...head, timeout: SILENCE_MILLISECONDS };
  const asked = request(target, options);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', (answer) => {
      // A server that refuses answers before it has read all, and reads no more.
      answer.once('end', () => {
        if (!asked.writableFinished) asked.destroy();
      });
      resolve(answer);
    });
    // Also what comes after the answer: it ends the body then, and nobody has to hear of it here.
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new SilentServer()));
  });
  if (body === undefined || typeof body === 'string') asked.end(body);
  // Where it is cut off, what was answered counts.
  else void pipeline(body, asked).catch(() => undefined);
  return answered;
}

/** It may be at work still. */
export class SilentServer extends Error {
  constructor() {
    super('it has said nothing for five minutes');
  }
}
