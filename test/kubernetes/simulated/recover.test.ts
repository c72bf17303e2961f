import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { controlResumed } from '../../../orchestrator/controller/control-resumed.ts';
import { type FoundRun, findLostRuns, recordFinding } from '../../../orchestrator/controller/recover-runs.ts';
import { requeueRuns } from '../../../orchestrator/controller/requeue-runs.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { openStore } from '../../../orchestrator/store/open-store.ts';
import { type Simulated, workplaceOn } from './simulated-runs.ts';
import { simulatedSuite, trainJob, unattended } from './suite.ts';

const suite = simulatedSuite();
const { open, expectSettled } = suite;

/** A store that has nothing, over the same cluster and the same folders. */
async function again({ home }: Simulated, name = 'second.db'): Promise<Workplace> {
  const store = await openStore(join(home, name));
  onTestFinished(() => store.close());
  return workplaceOn(store, home);
}

/** What is found of the run, and recorded. */
async function recover(workplace: Workplace, { id, profile }: RunRecord): Promise<FoundRun | undefined> {
  let own: FoundRun | undefined;
  for await (const found of findLostRuns(workplace, profile)) {
    if (found.run !== id) continue;
    own = found;
    await recordFinding(workplace, found);
  }
  return own;
}

test('a run that trains when its store is lost is recorded again, gone on with, and its ledger is the API server’s', async () => {
  const { here, record } = await unattended(suite, { 'sim/run': '10s' });
  const workplace = await again(here);
  expect(await recover(workplace, record)).toMatchObject({
    kind: 'lost',
    unreadable: [],
    lost: { record, isBehind: true },
  });
  const { run } = await workplace.store.runs.state(record.id);
  expect(run.state).toMatchObject({ kind: 'running', stage: 'train', attempt: 1 });
  const never = new AbortController().signal;
  const options = { interrupt: never, force: never, onProgress: () => undefined };
  const [done] = await controlResumed(workplace, await requeueRuns(workplace, [record]), options);
  expect(done?.state.kind).toBe('succeeded');
  const { attempts } = await expectSettled({ ...here, workplace }, record);
  expect(attempts).toHaveLength(1);
});

test('of a run that its cluster has forgotten, its folder tells all that the lost store had', async () => {
  const here = await open();
  const record = await here.launch({
    small: true,
    backend: { onePodPerNode: false },
    sim: { 'sim/run': '2s' },
  });
  expect((await here.control(record).done).state.kind).toBe('succeeded');
  await here.forget(record);
  const workplace = await again(here);
  expect(await recover(workplace, record)).toMatchObject({ kind: 'lost', lost: { isBehind: false } });
  const { histories } = workplace.store;
  expect(await histories.of(record.id)).toEqual(await here.workplace.store.histories.of(record.id));
  await expectSettled({ ...here, workplace }, record);
  expect(await recover(workplace, record)).toMatchObject({ kind: 'known' });
});

test('the runs of a namespace are known by their pods and jobs, also when these have ended', async () => {
  const { here, record } = await unattended(suite, { 'sim/run': '10s' });
  const cluster = await here.workplace.clusterFor(record.profile);
  const signal = AbortSignal.timeout(60_000);
  expect(await cluster.runs({ signal })).toContain(record.id);
  expect(await cluster.runs({ signal })).not.toContain(trainJob(record));
  await here.forget(record);
  expect(await cluster.runs({ signal })).not.toContain(record.id);
});
