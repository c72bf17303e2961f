// What one process takes to attend many runs to which nothing happens: `npm run bench:fleet [-- RUNS SECONDS]`, 10,000 runs
// watched for half a minute by default. They are on a cluster that is simulated behind the port, and recorded in a SQLite store
// on this machine's disk. The last line is JSON: [{name, value, goal, unit, ok}].
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attendAll } from '../orchestrator/controller/attend-all.ts';
import { realClock } from '../orchestrator/controller/clock.ts';
import { runManifests } from '../orchestrator/controller/run-manifests.ts';
import { loadProfile } from '../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../orchestrator/documents/load-templates.ts';
import { NO_LOG } from '../orchestrator/logging/open-log.ts';
import { makePlan } from '../orchestrator/plan/make-plan.ts';
import type { Store } from '../orchestrator/ports/store.ts';
import type { RunEvent } from '../orchestrator/run/event.ts';
import { openStore } from '../orchestrator/store/open-store.ts';
import { benchedRuns } from './benched-runs.ts';
import { type Fleet, fleetOf, LAUNCH, PODS, TOLD } from './fleet-cluster.ts';
import { type Measure, printMeasures } from './print-measures.ts';

const POLL_MILLISECONDS = 250;

const [runs = 10_000, seconds = 30] = process.argv.slice(2).map(Number);
const home = mkdtempSync(join(tmpdir(), 'stint-bench-'));
try {
  const store = await openStore(join(home, 'stint.db'));
  await fill(store);
  printMeasures(await attend(store, fleetOf(Date.now())));
  await store.close();
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Of runs whose data is prepared and which train since. */
async function fill(store: Store): Promise<void> {
  const [loaded, profile] = await Promise.all([
    loadRecipe(fileURLToPath(new URL('../recipes/s1-32b.yaml', import.meta.url))),
    loadProfile('h100-16'),
  ]);
  const arm = loaded.arms[0];
  if (arm === undefined) throw new Error('the recipe is a FineTune');
  const plan = makePlan(arm.recipe, arm.recipeDigest, profile);
  const history: readonly RunEvent[] = [
    { type: 'stage-launched', stage: 'prepare', attempt: 1 },
    { type: 'attempt-ended', stage: 'prepare', attempt: 1, exitClass: 'succeeded', message: '' },
    { type: 'plan-reviewed', plan },
    { type: 'stage-launched', stage: 'train', attempt: LAUNCH },
  ];
  for (const { runs: part } of benchedRuns({ arm, plan, profile }, 0, runs)) {
    await store.runs.create(part);
    for (const { id } of part) await store.runs.append(id, 0, Date.now(), history);
  }
}

async function attend(recorded: Store, fleet: Fleet): Promise<readonly Measure[]> {
  const leave = new AbortController();
  const told = new Set<string>();
  const store = tellingOfPods(recorded, told);
  const templates = loadTemplates();
  const begun = performance.now();
  const attending = attendAll(
    {
      store,
      clusterFor: async () => fleet.cluster,
      loadTemplates: () => templates,
      workFolder: ({ id }) => join(home, 'runs', id),
      codeVersion: async () => 'bench',
      priceOf: () => null,
      log: NO_LOG,
      keptLogs: { open: async () => ({ append: async () => undefined }), of: async () => [] },
      manifests: runManifests(({ id }) => join(home, id)),
      ...realClock,
      random: Math.random,
      owner: 'bench/1',
      pid: process.pid,
      host: null,
      isAlive: () => true,
    },
    {
      interrupt: leave.signal,
      force: new AbortController().signal,
      onProgress: (progress) => {
        if (progress.kind === 'warning') throw new Error(progress.message);
      },
      onWarning: (message) => {
        throw new Error(message);
      },
    },
  );
  // What is seen of each run is recorded first, and what its pods tell a moment later.
  while (fleet.watched() < runs || told.size < runs * PODS) await realClock.sleep(POLL_MILLISECONDS);
  const taken = (performance.now() - begun) / 1_000;
  console.log(`${runs} runs were taken up in ${taken.toFixed(1)} s; watched for ${seconds} s from here on`);
  const before = process.cpuUsage();
  await realClock.sleep(seconds * 1_000);
  const { user, system } = process.cpuUsage(before);
  const memory = process.resourceUsage().maxRSS / 1024;
  leave.abort();
  await attending;
  return [
    measure(`peak memory of attending ${runs} runs`, memory, 1_024, 'MiB'),
    measure(
      `processor while nothing changes of ${runs} runs`,
      ((user + system) / 1e6 / seconds) * 100,
      5,
      '% of a core',
    ),
  ];
}

/** @param told - Pods of which it is recorded what they have told. */
function tellingOfPods(store: Store, told: Set<string>): Store {
  const record: Store['ledger']['record'] = async (facts) => {
    await store.ledger.record(facts);
    for (const fact of facts) if (fact.kind === 'phase' && fact.phase === TOLD) told.add(fact.pod);
  };
  return { ...store, ledger: { ...store.ledger, record } };
}

function measure(name: string, measured: number, goal: number, unit: string): Measure {
  const value = Number(measured.toPrecision(3));
  return { name, value, goal, unit, ok: value <= goal };
}
