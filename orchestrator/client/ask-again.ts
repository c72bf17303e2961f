import { setTimeout } from 'node:timers/promises';
import { isStintError } from '../errors/stint-error.ts';
import { SilentServer } from './over-http.ts';

const PAUSES_MILLISECONDS = [250, 1_000, 3_000];
const STILL_ANSWERING_MILLISECONDS = 1_000;
/** Nothing was sent: who is not there now is not there in a second, and a person waits. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Asks a few times where a connection breaks in the middle of an answer. While the server says that it is at the answer, it is
 * asked until that is there: a run that is released has as long to end as its profile gives it. Only for what may be asked twice.
 *
 * @param isKeyed - Asked again, the server knows that it is the same question.
 */
export async function askAgain<T>(signal: AbortSignal, ask: () => Promise<T>, isKeyed = false): Promise<T> {
  for (let broken = 0; ; ) {
    try {
      return await ask();
    } catch (error) {
      const isAtIt = isStintError(error) && error.code === 'still-answering';
      const pause = isAtIt ? STILL_ANSWERING_MILLISECONDS : PAUSES_MILLISECONDS[broken];
      if (signal.aborted || pause === undefined || !(isAtIt || mayPass(error, isKeyed))) throw error;
      if (!isAtIt) broken += 1;
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Somebody was there, and the connection broke. */
export function mayPass(error: unknown, isKeyed: boolean): boolean {
  if (!isStintError(error) || error.code !== 'server-unreachable') return false;
  // Who is silent for minutes would be so again, if it did not know what it was asked.
  if (error.cause instanceof SilentServer) return isKeyed;
  const code = codeOf(error.cause);
  return code !== undefined && !NEVER_SENT.has(code);
}

/** Where a name has several addresses, the code is of them all. */
const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
