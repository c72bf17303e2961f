import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { requeueRuns } from '../../orchestrator/controller/requeue-runs.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import { asFineTune } from '../../orchestrator/recipe/run-recipe.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { boundFact, listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 27, 12);
const FAILED: RunEvent = {
  type: 'failed',
  stage: 'train',
  failure: 'budget',
  exitClass: 'interrupted',
  message: 'm',
};

/** A tenth of its upper bound of 10 device-hours is start-up. */
const PLAN = {
  gpuHours: { expected: 5, low: 4, high: 10 },
  duration: { startupSeconds: 50, highSeconds: 1_000 },
  steps: 100,
} as unknown as RunRecord['plan'];
const PROFILE = {
  name: 'here',
  backend: { kind: 'local' },
  device: { model: 'H100' },
  price: { currency: 'USD', perDeviceHour: 2, source: 'list' },
} as unknown as RunRecord['profile'];

async function setUp() {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  const folder = temporaryFolder();
  const workplace = {
    store,
    priceOf: listedPrice,
    now: () => NOW,
    random: Math.random,
    host: 'here',
    manifests: runManifests(({ id }) => join(folder, id)),
    isAlive: () => true,
    sleep: async () => undefined,
    clusterFor: () => Promise.reject(new Error('of a local run nothing has to be looked at')),
  };
  const budgetOf = (gpuHours: number) =>
    store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours }], 1);
  const trained = asFineTune(runRecord().recipe);
  const training = { ...trained.training, checkpoint: { everySteps: 10, keep: 2 } };
  const recipe = { ...trained, team: 'red', training };
  /** It has held 8 device-hours and reached step 60 when it came to rest. */
  const ended = async (id: string, own?: RunRecord['recipe']['budget'], more: readonly RunEvent[] = []) => {
    const record = runRecord({
      id,
      plan: PLAN,
      profile: PROFILE,
      recipe: { ...recipe, ...(own && { budget: own }) },
    });
    await store.runs.create([record]);
    const end = { kind: 'ended', key: `${id}:end`, run: id, pod: id, at: NOW, seen: true } as const;
    await store.ledger.record([boundFact(id, id, NOW - HOUR), end]);
    await store.steps.record(id, [{ attempt: 1, step: 60, at: NOW, loss: 1, tokens: 1, seconds: 1 }]);
    await store.runs.append(id, 0, NOW, [...more, FAILED]);
    return record;
  };
  const stateOf = async (id: string) => foldRun(await store.runs.events(id));
  const reserved = async () =>
    (await store.budgets.book(NOW)).reservations.map(({ run, gpuMilliseconds }) => [
      run,
      gpuMilliseconds / HOUR,
    ]);
  const launch = (id: string) => {
    const inputs = { model: null, dataset: null, benchmarks: [] };
    const arms = [{ name: id, value: null, recipe, recipeDigest: 'd', inputs }];
    return recordRuns(workplace, { recipe, arms }, PROFILE, [PLAN]);
  };
  return { store, workplace, budgetOf, ended, stateOf, reserved, launch };
}

const refused = expect.objectContaining({ exitCode: 3 });

describe('resuming', () => {
  it('reserves what is left: what is held, a start-up, and the steps from the last checkpoint that is sure', async () => {
    const { workplace, budgetOf, ended, stateOf, reserved } = await setUp();
    await budgetOf(100);
    const record = await ended('r-1');
    expect(await requeueRuns(workplace, [record])).toEqual([record]);
    expect((await stateOf('r-1')).state.kind).toBe('queued');
    expect(await reserved()).toEqual([['r-1', 8 + 1 + 4.5]]);
  });

  it('is refused, all or none, where what is left does not fit, and changes nothing', async () => {
    const { store, workplace, budgetOf, ended, stateOf, reserved } = await setUp();
    const records = [await ended('r-1'), await ended('r-2')];
    // 16 are used, and each needs 5.5 more.
    await budgetOf(26.9);
    await expect(requeueRuns(workplace, records)).rejects.toEqual(refused);
    expect((await stateOf('r-1')).state.kind).toBe('failed');
    expect(await reserved()).toEqual([]);
    await budgetOf(27);
    expect(await requeueRuns(workplace, records)).toHaveLength(2);
    await store.ledger.record([boundFact('r-1', 'late', NOW)]);
    expect(await reserved()).toEqual([
      ['r-1', 13.5],
      ['r-2', 13.5],
    ]);
  });

  it('of a run whose own budget is used up needs a larger one, which it keeps', async () => {
    const { workplace, budgetOf, ended, stateOf, reserved } = await setUp();
    await budgetOf(100);
    const record = await ended('r-1', { gpuHours: 8, cost: { amount: 30, currency: 'USD' } });
    for (const raise of [{}, { gpuHours: 7 }, { amount: 16 }])
      await expect(requeueRuns(workplace, [record], raise)).rejects.toEqual(refused);
    expect((await stateOf('r-1')).state.kind).toBe('failed');
    await requeueRuns(workplace, [record], { gpuHours: 20 });
    expect((await stateOf('r-1')).budget).toEqual({ gpuHours: 20, cost: { amount: 30, currency: 'USD' } });
    expect(await reserved()).toEqual([['r-1', 13.5]]);
    await expect(requeueRuns(workplace, [record], { gpuHours: 30 })).rejects.toMatchObject({
      exitCode: 2,
      problems: [{ code: 'run-goes-on' }],
    });
  });

  it('lets a trained model be exported, whatever is used up', async () => {
    const { workplace, budgetOf, ended, reserved } = await setUp();
    await budgetOf(5);
    const trained = {
      type: 'attempt-ended',
      stage: 'train',
      attempt: 1,
      exitClass: 'succeeded',
      message: '',
    } as const;
    const record = await ended('r-1', undefined, [trained]);
    expect(await requeueRuns(workplace, [record])).toEqual([record]);
    expect(await reserved()).toEqual([['r-1', 8]]);
  });

  it('and launching count what the other has reserved', async () => {
    const { workplace, budgetOf, ended, launch, store } = await setUp();
    await budgetOf(18);
    await launch('first');
    await expect(requeueRuns(workplace, [await ended('r-1')])).rejects.toThrow(
      'team red has 18.0 device-hours for 2026-11: 8.00 used, 10.0 reserved by 1 run, and this needs 5.50 at most: 5.50 too many',
    );
    await expect(launch('second')).rejects.toEqual(refused);
    expect(await store.runs.list()).toHaveLength(2);
  });
});
