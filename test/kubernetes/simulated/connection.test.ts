import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../cluster/kubernetes/api/load-config.ts';
import { apiProxy } from '../faults/api-proxy.ts';
import { compactEtcd } from '../faults/compact-etcd.ts';
import { restartApiServer } from '../faults/restart-api-server.ts';
import { kubectl } from '../kubectl.ts';
import { simulatedSuite, untilTraining } from './suite.ts';

const { open, expectSettled } = simulatedSuite();

/** Fails once, so that what happens while nobody can see it matters. */
const ONE_FAILURE = { 'sim/run': '5s', 'sim/exit-code': '80', 'sim/fail-attempts': '1' };
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** What became of a run that failed once and was started again by its JobSet. */
async function expectTwoAttempts(...settled: Parameters<typeof expectSettled>): Promise<void> {
  const { attempts, held } = await expectSettled(...settled);
  expect(attempts.map(({ cause }) => cause)).toEqual([
    expect.stringMatching(/^train: infrastructure: /),
    'succeeded',
  ]);
  expect(held.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2]);
}

test('a wire to the API server that is cut every second costs nothing but time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-proxy-'));
  const proxy = await apiProxy();
  onTestFinished(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true });
  });
  const kubeconfig = join(folder, 'kubeconfig');
  proxy.writeKubeconfig(kubeconfig);
  const here = await open({
    load: () => {
      const config = loadConfig(undefined);
      config.loadFromFile(kubeconfig);
      return config;
    },
  });
  const record = await here.launch({ sim: ONE_FAILURE });
  const { done } = here.control(record);
  let cuts = 0;
  const cutting = setInterval(() => (cuts += proxy.cut()), 1_000);
  onTestFinished(() => clearInterval(cutting));
  expect((await done).state.kind).toBe('succeeded');
  expect(cuts).toBeGreaterThan(10);
  clearInterval(cutting);
  await expectTwoAttempts(here, record);
});

test('an API server that is down while a gang fails finds its run as it is, and what it has forgotten is listed again', async () => {
  const here = await open();
  const record = await here.launch({ sim: ONE_FAILURE });
  const { done } = here.control(record);
  await untilTraining(here, record);
  await kubectl(['annotate', 'namespace', 'training', `stint.dev/touched=${Date.now()}`, '--overwrite']);
  await compactEtcd();
  await restartApiServer(() => pause(6_000));
  expect((await done).state.kind).toBe('succeeded');
  await expectTwoAttempts(here, record);
});
