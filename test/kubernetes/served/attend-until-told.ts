import { writeSync } from 'node:fs';
import { attendAll } from '../../../orchestrator/controller/attend-all.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';

/** What a process does that attends runs for a test: it says `ready`, and ends on SIGTERM. */
export async function attendUntilTold(workplace: Workplace): Promise<void> {
  const interrupt = new AbortController();
  process.on('SIGTERM', () => interrupt.abort());
  writeSync(1, 'ready\n');
  await attendAll(workplace, {
    interrupt: interrupt.signal,
    force: new AbortController().signal,
    onProgress: () => undefined,
    onWarning: (warning) => console.error(warning),
  });
  await workplace.store.close();
  process.exit(0);
}
