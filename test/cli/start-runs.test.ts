import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Background } from '../../orchestrator/cli/context.ts';
import { requireFree, startRuns } from '../../orchestrator/cli/start-runs.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord, temporaryFolder } from '../store/fixtures.ts';

async function setUp() {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  await store.runs.create([runRecord({ id: 'r-1' })]);
  let time = 0;
  const clock = { now: () => time, sleep: async (wait: number) => void (time += wait) };
  const context = (child: Partial<Background>) => ({
    interrupt: new AbortController().signal,
    startInBackground: async () => ({ pid: 7, log: '/log', exitCode: () => null, said: () => '', ...child }),
  });
  return { store, workplace: { store, ...clock }, context, time: () => time };
}

it('waits until the other process has a run', async () => {
  const { store, workplace, context, time } = await setUp();
  const exitCode = () => {
    if (time() === 300)
      void store.leases.acquire({ run: 'r-1', owner: 'other', pid: 7, heartbeatAt: 0 }, 15_000);
    return null;
  };
  expect(await startRuns(context({ exitCode }), workplace, ['r-1'])).toBe('/log');
  expect(time()).toBeGreaterThanOrEqual(300);
  expect(time()).toBeLessThan(1_000);
});

it('says what the other process said where it ended before', async () => {
  const { workplace, context } = await setUp();
  const child = { exitCode: () => 2, said: () => 'error: no such cluster\n' };
  await expect(startRuns(context(child), workplace, ['r-1'])).rejects.toMatchObject({
    problems: [{ code: 'not-started', where: '/log', why: 'error: no such cluster' }],
  });
});

it('is content with a process that did all there was to do, whatever its code', async () => {
  const { store, workplace, context } = await setUp();
  const exitCode = () => 1;
  const begun = context({ exitCode });
  const start = async () => {
    await store.runs.append('r-1', 0, 1, [{ type: 'stopped', message: 'cancelled by a person' }]);
    return begun.startInBackground();
  };
  expect(await startRuns({ ...begun, startInBackground: start }, workplace, ['r-1'])).toBe('/log');
});

it('does not wait for ever', async () => {
  const { workplace, context, time } = await setUp();
  await startRuns(context({}), workplace, ['r-1']);
  expect(time()).toBe(60_000);
});

it('refuses a run that another process works on, and none that a dead one held', async () => {
  const { store, workplace } = await setUp();
  await store.leases.acquire({ run: 'r-1', owner: 'other', pid: 7, heartbeatAt: 0 }, 15_000);
  const here = { ...workplace, owner: 'me' };
  const free = (isAlive: boolean) => requireFree({ ...here, isAlive: () => isAlive }, [{ id: 'r-1' }]);
  await expect(free(true)).rejects.toMatchObject({ problems: [{ code: 'run-is-held', where: 'r-1' }] });
  await expect(free(false)).resolves.toBeUndefined();
  await expect(
    requireFree({ ...here, now: () => 15_000, isAlive: () => true }, [{ id: 'r-1' }]),
  ).resolves.toBeUndefined();
});
