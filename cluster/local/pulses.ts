import { type FSWatcher, watch } from 'node:fs';
import { errorCode } from './error-code.ts';

/**
 * Yields once at the start, then whenever something changes in the folder, and every `safetyMs` in case the system
 * kept a change to itself. Changes during one step of the consumer make one more step. Ends on abort.
 */
export async function* pulses(
  folder: string,
  safetyMs: number,
  signal: AbortSignal,
): AsyncGenerator<void, void, void> {
  let pending = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    pending = true;
    wake?.();
  };
  const watcher = watchOrNot(folder, ring);
  const timer = setInterval(ring, safetyMs);
  signal.addEventListener('abort', ring, { once: true });
  try {
    while (!signal.aborted) {
      yield;
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    }
  } finally {
    signal.removeEventListener('abort', ring);
    clearInterval(timer);
    watcher?.close();
  }
}

/** The system's watches can be used up (ENOSPC, EMFILE); the safety pulse then has to do. */
function watchOrNot(folder: string, ring: () => void): FSWatcher | undefined {
  try {
    return watch(folder, ring).on('error', ring);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOSPC' || code === 'EMFILE') return undefined;
    throw error;
  }
}
