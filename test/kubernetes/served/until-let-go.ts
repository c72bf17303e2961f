import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../../../orchestrator/ports/store.ts';
import { isSettled } from '../../../orchestrator/run/is-settled.ts';
import type { Run } from '../../../orchestrator/run/state.ts';

/** What has become of a run that others attend: whoever did lets go of it when there is nothing left to settle. */
export async function untilLetGo(
  { runs, leases }: Store,
  id: string,
  look: () => Promise<void> = async () => undefined,
): Promise<Run> {
  for (;;) {
    const { run } = await runs.state(id);
    if (isSettled(run, true) && (await leases.find(id)) === null) return run;
    await look();
    await pause(200);
  }
}
