import type { ArmInput } from '../comparison/arm-input.ts';
import { readPrepared } from '../documents/work-files.ts';
import type { PriceOf } from '../ledger/cost-rows.ts';
import { heldByPhase, heldByUse } from '../ledger/held-time.ts';
import { type Amount, amountOf, makePrice, unitsOf } from '../ledger/price.ts';
import type { PodStatement } from '../ledger/statement.ts';
import { usageDays } from '../ledger/usage-day.ts';
import { currentPlan } from '../run/current-plan.ts';
import { foldRun } from '../run/evolve.ts';
import type { RunRecord } from '../run/run-record.ts';
import { elsewhere } from './elsewhere.ts';
import { podStatements } from './held-by-phase.ts';
import type { UnattendedSight } from './look-at-unattended.ts';
import type { Workplace } from './workplace.ts';

/** All that is known of a run here, for a comparison; what it has not reached yet, or keeps on another machine, is null. */
export async function gatherArm(
  workplace: Workplace,
  sight: UnattendedSight,
  record: RunRecord,
): Promise<ArmInput> {
  const { store } = workplace;
  const events = await store.runs.events(record.id);
  const run = sight.left.get(record.id)?.run ?? foldRun(events);
  const hasPrepared =
    record.recipe.kind === 'FineTune' &&
    run.done.includes('prepare') &&
    elsewhere(workplace, record) === null;
  const pods = await podStatements(workplace, sight, [record.id]);
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
    uses: heldByUse(pods),
    cost: costOf(pods, workplace.priceOf, record.profile.price),
    evaluation: await store.evaluations.find(record.id),
    checkpoint: run.checkpoint,
  };
}

/** Where the price book has a gap, what the profile listed at launch stands in, as in the plan that was agreed to. */
function costOf(
  pods: readonly PodStatement[],
  priceOf: PriceOf,
  listedPrice: RunRecord['profile']['price'],
): ArmInput['cost'] {
  const listed = makePrice(listedPrice.currency, listedPrice.perDeviceHour);
  const days = pods.flatMap(usageDays).map((day) => ({ ...day, price: priceOf({ ...day, listedPrice }) }));
  const [first] = days;
  const currency = first?.price?.currency ?? listed.currency;
  const isWhole = days.every(({ price }) => price?.currency === currency);
  const amount = days.reduce<Amount>(
    (sum, { gpuMilliseconds, price }) => sum + amountOf(gpuMilliseconds, isWhole && price ? price : listed),
    0n,
  );
  return { amount: unitsOf(amount), currency: isWhole ? currency : listed.currency };
}
