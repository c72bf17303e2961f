import type { RunUse } from '../doctor/leaks.ts';
import type { Store } from '../ports/store.ts';
import { currentPlan } from '../run/current-plan.ts';
import { isAtRest } from '../run/state.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import type { Looker } from './look-at-run.ts';
import { lookAtUnattended } from './look-at-unattended.ts';
import { heldSoFar } from './retry-limits.ts';

/** The runs of this store on a cluster, of one team or of all, and what those hold that go on. */
export async function runUses(
  workplace: Looker,
  profileName: string,
  team: string | null = null,
): Promise<ReadonlyMap<string, RunUse>> {
  const { store } = workplace;
  const uses = new Map<string, RunUse>();
  const runs = await store.runs.summaries({ cluster: profileName, team: team ?? undefined });
  const sight = await lookAtUnattended(
    workplace,
    runs.map(({ id }) => id),
  );
  for (const { id, run } of runs) {
    const atRest = isAtRest(run.state);
    const held = atRest ? 0 : await heldSoFar(workplace, sight, id);
    uses.set(id, { isAtRest: atRest, held, planned: atRest ? 0 : await planned(store, id) });
  }
  return uses;
}

/** Of what was reviewed last; GPU-milliseconds. */
async function planned(store: Store, id: string): Promise<number> {
  const record = await store.runs.find(id);
  if (record === null) return 0;
  return gpuMillisecondsOf(currentPlan(record.plan, await store.runs.events(id)).gpuHours.high);
}
