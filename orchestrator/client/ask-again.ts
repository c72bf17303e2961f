import { setTimeout } from 'node:timers/promises';
import { isStintError } from '../errors/stint-error.ts';

const PAUSES_MILLISECONDS = [250, 1_000, 3_000];
/** Nothing was sent: who is not there now is not there in a second, and a person waits. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Asks a few times where a connection breaks in the middle of an answer. Only for what may be asked twice. */
export async function askAgain<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MILLISECONDS) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
    }
  }
  return ask();
}

function mayPass(error: unknown): boolean {
  if (!isStintError(error)) return false;
  if (error.code === 'still-answering') return true;
  if (error.code !== 'server-unreachable') return false;
  const code = codeOf(error.cause);
  return code !== undefined && !NEVER_SENT.has(code);
}

/** Where a name has several addresses, the code is of them all. */
const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
