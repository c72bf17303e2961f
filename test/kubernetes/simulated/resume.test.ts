import { expect, test } from 'vitest';
import { controlResumed } from '../../../orchestrator/controller/control-resumed.ts';
import { requeueRuns } from '../../../orchestrator/controller/requeue-runs.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { kubectl } from '../kubectl.ts';
import { IN, type Simulated } from './simulated-runs.ts';
import { simulatedSuite, trainJob, unattended } from './suite.ts';

const suite = simulatedSuite();
const { expectSettled } = suite;

/** As `stint runs resume RUN --wait` does it. */
async function resume({ workplace }: Simulated, record: RunRecord) {
  const never = new AbortController().signal;
  const options = { interrupt: never, force: never, onProgress: () => undefined };
  const [run] = await controlResumed(workplace, await requeueRuns(workplace, [record]), options);
  return run;
}

test.each([
  [
    'whose JobSet somebody has deleted',
    async (_here: Simulated, record: RunRecord) => {
      await kubectl(['delete', 'jobset', trainJob(record), IN, '--wait=false']);
    },
  ],
  [
    'that was cancelled when nobody was there to do it',
    async ({ workplace }: Simulated, { id }: RunRecord) =>
      workplace.store.requests.ask(id, 'cancel', Date.now()),
  ],
])('a run %s while nobody worked on it goes on to its end by one resume', async (_name, stop) => {
  const { here, record } = await unattended(suite, { 'sim/run': '15s' });
  await stop(here, record);
  expect((await resume(here, record))?.state.kind).toBe('succeeded');
  const { attempts } = await expectSettled(here, record);
  expect(attempts.filter(({ number }) => number > 0).length).toBeGreaterThanOrEqual(2);
});
