import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jobFolder, LAUNCH, OUTPUT, POD } from '../../cluster/local/layout.ts';
import { localCluster } from '../../cluster/local/local-cluster.ts';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { lookAtRun } from '../../orchestrator/controller/look-at-run.ts';
import { lookAtUnattended } from '../../orchestrator/controller/look-at-unattended.ts';
import { readRun } from '../../orchestrator/controller/read-run.ts';
import { findLeft, reconcile } from '../../orchestrator/controller/reconcile.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { keptLogs } from '../../orchestrator/documents/kept-logs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { listedPrice } from '../store/fixtures.ts';

const ANN = 'ann:/home/ann/.stint#1';
const BOB = 'bob:/home/bob/.stint#2';

/** One store that two machines share. */
async function twoMachines() {
  const folder = mkdtempSync(join(tmpdir(), 'stint-test-'));
  const store = await openStore(join(folder, 'stint.db'));
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return (host: string): Workplace => {
    const root = join(folder, host.slice(0, 3));
    const cluster = localCluster({ root, checkout: '.', pythonBin: '.venv/bin' });
    return {
      store,
      clusterFor: async () => cluster,
      loadTemplates,
      workFolder: ({ id }) => join(root, id),
      codeVersion: async () => 'test',
      log: { info: () => undefined, warn: () => undefined },
      keptLogs: keptLogs(join(root, 'logs')),
      manifests: runManifests(({ id }) => join(root, id)),
      priceOf: listedPrice,
      ...realClock,
      random: Math.random,
      owner: `${host}/1`,
      pid: process.pid,
      host,
      isAlive: () => true,
    };
  };
}

/** It trains, and nobody has renewed its lease for a minute: its process is dead, or cut off from the store. */
async function leftRunning(workplace: Workplace) {
  const [loaded, profile] = await Promise.all([loadRecipe('recipes/quickstart.yaml'), loadProfile('laptop')]);
  const plans = loaded.arms.map((arm) => makePlan(arm.recipe, arm.recipeDigest, profile));
  const [record] = await recordRuns(workplace, loaded, profile, plans);
  if (!record) throw new Error('a recipe without arms');
  const { store, owner, pid } = workplace;
  await store.runs.append(record.id, 0, Date.now(), [
    { type: 'stage-launched', stage: 'prepare', attempt: 1 },
  ]);
  await store.leases.acquire({ run: record.id, owner, pid, heartbeatAt: Date.now() - 60_000 }, 15_000);
  return record;
}

/** As kill -9 leaves it between the making of a pod and its start, an hour ago. */
function neverBegun(workFolder: string, run: string) {
  const job = `${run}-prepare-a1`;
  const folder = join(jobFolder(dirname(workFolder), run, job), '0');
  const boundAt = Date.now() - 3_600_000;
  const who = {
    uid: `uid-of-${run}`,
    name: `${job}-0`,
    job,
    run,
    stage: 'prepare',
    launch: 1,
    attempt: 1,
    index: 0,
  };
  const pod = { ...who, node: 'here', deviceModel: 'none', devices: 0, createdAt: boundAt, boundAt };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, POD), JSON.stringify(pod));
  writeFileSync(join(folder, LAUNCH), JSON.stringify({ uid: pod.uid, graceSeconds: 1 }));
  writeFileSync(join(folder, OUTPUT), '');
  return pod;
}

test('a local run of another machine is left as it is, and named with its place', async () => {
  const machine = await twoMachines();
  const [ann, bob] = [machine(ANN), machine(BOB)];
  const record = await leftRunning(ann);
  expect(record.host).toBe(ANN);
  expect(await reconcile(bob)).toMatchObject({
    interrupted: [],
    unattended: [],
    elsewhere: [{ run: record.id, host: ANN }],
  });
  const never = new AbortController().signal;
  const options = { interrupt: never, force: never, onProgress: () => undefined };
  await expect(attendRun(bob, record, options)).rejects.toMatchObject({
    problems: [{ code: 'run-is-elsewhere', what: expect.stringContaining('ann:/home/ann/.stint') }],
  });
  expect(await lookAtRun(bob, record)).toMatchObject({
    seen: null,
    why: 'its pods are on ann:/home/ann/.stint',
  });
  expect(await ann.store.runs.events(record.id)).toHaveLength(1);
  expect(await ann.store.leases.find(record.id)).toMatchObject({ owner: ann.owner });
});

test('the machine that it lives on proves its pods dead and brings it to rest', async () => {
  const machine = await twoMachines();
  const record = await leftRunning(machine(ANN));
  const { interrupted, elsewhere } = await reconcile(machine(ANN));
  expect(elsewhere).toEqual([]);
  // The recipe's second arm was only just recorded: its process may be about to begin.
  expect(interrupted).toEqual([record.id]);
  const { store } = machine(ANN);
  expect((await store.runs.events(record.id)).at(-1)?.event.type).toBe('interrupted');
});

test('what was brought back into the queue is left to the process that is about to take it', async () => {
  const machine = await twoMachines();
  const ann = machine(ANN);
  const record = await leftRunning(ann);
  await reconcile(ann);
  const { seq } = await ann.store.runs.state(record.id);
  await ann.store.runs.append(record.id, seq, Date.now(), [{ type: 'resumed' }]);
  expect(await reconcile(ann)).toMatchObject({ interrupted: [], unattended: [] });
  expect((await lookAtRun(ann, record)).status).toBe('starting');
  const later = { ...ann, now: () => Date.now() + 60_000 };
  expect((await reconcile(later)).interrupted).toContain(record.id);
  expect((await ann.store.runs.events(record.id)).map(({ event }) => event.type).slice(-3)).toEqual([
    'interrupted',
    'resumed',
    'interrupted',
  ]);
});

test('whoever only looks says what the machine that it lives on will record, and records nothing', async () => {
  const machine = await twoMachines();
  const ann = machine(ANN);
  const record = await leftRunning(ann);
  const { left, status } = await lookAtRun(ann, record);
  expect(status).toBe('interrupted');
  expect(await ann.store.runs.events(record.id)).toHaveLength(1);
  expect((await findLeft(ann)).left.map(({ id }) => id)).toEqual([record.id]);
  expect((await lookAtUnattended(ann)).left.get(record.id)).toEqual(left);
  await reconcile(ann);
  const recorded = (await ann.store.runs.events(record.id)).slice(1).map(({ event }) => event);
  expect(left?.events).toEqual(recorded);
  expect(left?.run).toEqual((await ann.store.runs.state(record.id)).run);
});

test('a pod that was made when its process died, and never begun, is shown as ended, and has held nothing', async () => {
  const machine = await twoMachines();
  const ann = machine(ANN);
  const record = await leftRunning(ann);
  const pod = neverBegun(ann.workFolder(record), record.id);
  const look = await lookAtRun(ann, record);
  expect(look).toMatchObject({ status: 'interrupted', left: { run: { state: { kind: 'interrupted' } } } });
  expect(look.seen?.jobs).toMatchObject([{ state: 'failed' }]);
  await reconcile(ann);
  const recorded = (await ann.store.runs.events(record.id)).slice(1).map(({ event }) => event);
  expect(look.left?.events).toEqual(recorded);
  expect(look.seen?.pods).toEqual((await readRun(await ann.clusterFor(record.profile), record.id)).pods);
  expect(look.seen?.pods).toMatchObject([{ uid: pod.uid, boundAt: pod.boundAt, endedAt: pod.boundAt }]);
});

test('what a person has asked to end is shown as ended, and what was never begun as that', async () => {
  const machine = await twoMachines();
  const ann = machine(ANN);
  const record = await leftRunning(ann);
  await ann.store.requests.ask(record.id, 'cancel', Date.now());
  expect((await lookAtRun(ann, record)).left?.run.state).toMatchObject({ kind: 'stopped' });
  const [other] = (await ann.store.runs.list()).filter(({ id }) => id !== record.id);
  if (other === undefined) throw new Error('the recipe has two arms');
  const later = { ...ann, now: () => Date.now() + 60_000 };
  expect((await lookAtRun(later, other)).left?.run.state).toEqual({
    kind: 'interrupted',
    message: 'its controller ended before it began',
  });
});
