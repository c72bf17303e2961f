import type { RunUse } from '../doctor/leaks.ts';
import { currentPlan } from '../run/current-plan.ts';
import { foldRun } from '../run/evolve.ts';
import { isAtRest } from '../run/state.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import type { Looker } from './look-at-run.ts';
import { lookAtUnattended } from './look-at-unattended.ts';
import { heldSoFar } from './retry-limits.ts';

/** The runs of this store on a cluster, and what those hold that go on. */
export async function runUses(workplace: Looker, profileName: string): Promise<ReadonlyMap<string, RunUse>> {
  const { store } = workplace;
  const uses = new Map<string, RunUse>();
  const records = (await store.runs.list()).filter(({ profile }) => profile.name === profileName);
  const sight = await lookAtUnattended(
    workplace,
    records.map(({ id }) => id),
  );
  for (const { id, plan } of records) {
    const events = await store.runs.events(id);
    const atRest = isAtRest(foldRun(events).state);
    const held = atRest ? 0 : await heldSoFar(workplace, sight, id);
    uses.set(id, {
      isAtRest: atRest,
      held,
      planned: gpuMillisecondsOf(currentPlan(plan, events).gpuHours.high),
    });
  }
  return uses;
}
