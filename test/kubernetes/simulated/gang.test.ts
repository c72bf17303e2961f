import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { lookAtRun } from '../../../orchestrator/controller/look-at-run.ts';
import { until } from '../../end-to-end/stint.ts';
import { type PodRecords, recordPods } from './pod-records.ts';
import {
  heldTwice,
  kept,
  NAMESPACE,
  openSimulated,
  prepareNamespace,
  type Simulated,
} from './simulated-runs.ts';

let here: Simulated;
let records: PodRecords;
let restore: () => Promise<void>;
beforeAll(async () => {
  restore = await prepareNamespace();
  records = await recordPods(NAMESPACE);
});
afterAll(async () => {
  records.stop();
  await restore();
});
beforeEach(async () => {
  here = await openSimulated();
});
afterEach(() => here.close());

test('two launches of s1-32b: gangs of 2 × 8 GPUs, one after the other, each billed to the API server’s second', async () => {
  const sim = { 'sim/run': '8s' };
  const first = await here.launch({ sim, evaluation: true });
  const firstRun = here.control(first);
  await until(
    'the first gang runs',
    async () => (await lookAtRun(here.workplace, first)).status === 'running',
    120,
  );
  const second = await here.launch({ sim, evaluation: true });
  const secondRun = here.control(second);
  // The very look that found it waiting: it may have its turn at the next one.
  let looked = await lookAtRun(here.workplace, second);
  await until(
    'the second waits, and knows why',
    async () => {
      looked = await lookAtRun(here.workplace, second);
      return /quota/.test(looked.obstacles[0]?.what ?? '');
    },
    120,
  );

  const { status, seen, obstacles } = looked;
  expect(status).toBe('queued');
  expect(obstacles[0]?.what).toMatch(
    /^1st of 1 in queue training: couldn't assign flavors to pod set node: .*insufficient unused quota for nvidia\.com\/gpu/,
  );
  expect(seen?.pods.filter(({ stage }) => stage === 'train')).toEqual([]);

  for (const { done } of [firstRun, secondRun]) expect((await done).state.kind).toBe('succeeded');
  expect(secondRun.waits).toContain(obstacles[0]?.what);

  for (const { id } of [first, second]) {
    const { ledger, apiServer, pods } = await heldTwice(here.workplace, records, id);
    expect(ledger).toEqual(apiServer);
    expect(pods.every(({ end }) => end === 'seen')).toBe(true);
    const gang = pods.filter(({ stage }) => stage === 'train');
    expect(gang.map(({ node, devices }) => `${devices} on ${node}`).toSorted()).toEqual([
      '8 on gpu-0',
      '8 on gpu-1',
    ]);
    expect(await kept(id)).toEqual([]);
  }
  const ends = (run: string) => heldTwice(here.workplace, records, run);
  const gangOf = async (run: string) => (await ends(run)).pods.filter(({ stage }) => stage === 'train');
  const [a, b] = [await gangOf(first.id), await gangOf(second.id)];
  expect(Math.min(...b.map(({ from }) => from))).toBeGreaterThanOrEqual(Math.max(...a.map(({ to }) => to)));
});
