import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { calibrationOn } from '../../orchestrator/controller/calibration-of.ts';
import { withPrediction } from '../../orchestrator/controller/measure-prediction.ts';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { trainingHours } from '../../orchestrator/plan/stages.ts';
import { asFineTune } from '../../orchestrator/recipe/run-recipe.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { plan, profile, recipe } from '../plan/fixtures.ts';
import { runRecord, temporaryFolder } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const SUCCEEDED: RunEvent = { type: 'succeeded' };

async function opened(attempts: readonly number[]) {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  const run = runRecord({
    recipe: recipe('s1-32b'),
    profile: profile('h100-16'),
    plan: plan('s1-32b', 'h100-16'),
    ablation: null,
    factor: null,
  });
  await store.runs.create([run]);
  await store.ledger.record(
    attempts.flatMap((attempt, index): LedgerFact[] => {
      const of = { run: run.id, pod: `p${index}` };
      const place = { stage: 'train', attempt, node: 'n', deviceModel: 'H100', devices: 8 } as const;
      return [
        { ...of, ...place, kind: 'bound', key: `${index}:b`, at: 0 },
        { ...of, kind: 'ended', key: `${index}:e`, at: HOUR, seen: true, succeeded: true },
      ];
    }),
  );
  return { store, run, workplace: { store, now: () => 2 * HOUR } };
}

test('a run that trained in one attempt tells what it held beside what was expected, and the next plan learns of it', async () => {
  const { store, run, workplace } = await opened([1, 1]);
  const events = await withPrediction(workplace, run, [], [SUCCEEDED]);
  const predicted = Math.round(trainingHours(run.plan).expected * HOUR);
  expect(events).toEqual([{ type: 'prediction-measured', predicted, actual: 16 * HOUR }, SUCCEEDED]);
  await store.runs.append(run.id, 0, 1, events);
  const calibration = (await calibrationOn(store, run.profile))(asFineTune(run.recipe));
  expect(calibration).toMatchObject({ basis: 'model-and-cluster', runs: 1 });
  expect(calibration.bias).toBeCloseTo(Math.sqrt((16 * HOUR) / predicted), 6);
});

test('a run that was disturbed, or has not succeeded, tells nothing of the next one', async () => {
  const { run, workplace } = await opened([1, 1, 2, 2]);
  expect(await withPrediction(workplace, run, [], [SUCCEEDED])).toEqual([SUCCEEDED]);
  const { run: other, workplace: there } = await opened([1]);
  const stopped: RunEvent = { type: 'stopped', message: 'by a person' };
  expect(await withPrediction(there, other, [], [stopped])).toEqual([stopped]);
});

test('a calibrated plan is measured against the time model, so that what was learnt is not learnt twice', async () => {
  const { run, workplace } = await opened([1, 1]);
  const { stages = [] } = run.plan;
  const training = trainingHours(run.plan).expected;
  const calibration = { basis: 'model-and-cluster', runs: 3, bias: 2, spread: 1 } as const;
  const calibrated = {
    ...run,
    plan: {
      ...run.plan,
      calibration,
      stages: stages.map((stage) => ({
        ...stage,
        gpuHours: { ...stage.gpuHours, expected: 2 * stage.gpuHours.expected },
      })),
    },
  };
  const [told] = await withPrediction(workplace, calibrated, [], [SUCCEEDED]);
  expect(told).toMatchObject({ predicted: Math.round(training * HOUR) });
});
