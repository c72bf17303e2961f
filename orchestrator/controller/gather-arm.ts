import type { ArmInput } from '../comparison/arm-input.ts';
import { readPrepared } from '../documents/work-files.ts';
import { heldByPhase } from '../ledger/held-time.ts';
import { type Amount, amountOf, makePrice, unitsOf } from '../ledger/price.ts';
import { currentPlan } from '../run/current-plan.ts';
import { foldRun } from '../run/evolve.ts';
import type { RunRecord } from '../store/port.ts';
import { elsewhere } from './elsewhere.ts';
import { podStatements } from './held-by-phase.ts';
import type { Workplace } from './workplace.ts';

/** All that is known of a run here, for a comparison; what it has not reached yet, or keeps on another machine, is null. */
export async function gatherArm(workplace: Workplace, record: RunRecord): Promise<ArmInput> {
  const { store } = workplace;
  const events = await store.runs.events(record.id);
  const run = foldRun(events);
  const hasPrepared = run.done.includes('prepare') && elsewhere(workplace, record) === null;
  const pods = await podStatements(workplace, [record.id]);
  const { currency, perDeviceHour } = record.profile.price;
  const price = makePrice(currency, perDeviceHour);
  const amount = pods.reduce<Amount>((sum, pod) => sum + amountOf(pod.gpuMilliseconds, price), 0n);
  return {
    run: record.id,
    arm: record.arm,
    factor: record.factor,
    state: run.state,
    recipe: record.recipe,
    plan: currentPlan(record.plan, events),
    prepared: hasPrepared ? await readPrepared(workplace.workFolder(record)) : null,
    steps: await store.steps.curve(record.id),
    gpuMilliseconds: heldByPhase(pods),
    cost: { amount: unitsOf(amount), currency },
    evaluation: await store.evaluations.find(record.id),
    checkpoint: run.checkpoint,
  };
}
