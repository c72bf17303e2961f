import { setTimeout as sleep } from 'node:timers/promises';

const BETWEEN_MILLISECONDS = 500;
/** Nobody listens, or the server is stopping or starting. */
const PASSING: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
]);

/** Does it again for so long as a server that restarts would refuse it; what is wrong for good fails at once. */
export async function keepTrying<T>(act: () => Promise<T>, forMilliseconds: number): Promise<T> {
  for (const end = Date.now() + forMilliseconds; ; ) {
    try {
      return await act();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (!PASSING.has(code) || Date.now() + BETWEEN_MILLISECONDS > end) throw error;
    }
    await sleep(BETWEEN_MILLISECONDS);
  }
}
