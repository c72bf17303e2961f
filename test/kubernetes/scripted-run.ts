import { join } from 'node:path';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { keptLogs } from '../../orchestrator/documents/kept-logs.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { isProcessAlive, processIdentity } from '../../orchestrator/documents/process-identity.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import type { Run } from '../../orchestrator/run/state.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { inEnvironment, newHome, RECIPES } from '../end-to-end/stint.ts';
import { listedPrice } from '../store/fixtures.ts';
import { openKubernetes } from './open-kubernetes.ts';
import { workFolder } from './real-stint.ts';
import { IS_SERVED, serveDisturbed, sharedStore } from './served/served-home.ts';
import { startAttending } from './served/start-attending.ts';
import { untilLetGo } from './served/until-let-go.ts';

/** Attends the runs of a `ScriptedPlace`. */
export const SCRIPTED_PROCESS = join(import.meta.dirname, 'served/scripted-process.ts');

export interface Script {
  /** Run by `sh -c` in each pod of the training, in the trainer's place. */
  readonly script: string;
  readonly command?: readonly string[];
  readonly profile: ClusterProfile;
}

/** A run that the controller works on in this process, against a real store and the real node. */
export interface ScriptedRun {
  readonly id: string;
  /** For stint processes that look at it meanwhile. */
  readonly home: string;
  readonly record: RunRecord;
  readonly cluster: Cluster;
  /** What becomes of it. */
  readonly ended: Promise<Run>;
  readonly events: () => Promise<readonly RunEvent[]>;
  readonly ask: (what: 'cancel') => Promise<void>;
}

/** Starts a run that has prepared its data, so that it trains at once. */
export async function startScripted(script: Script): Promise<ScriptedRun> {
  const home = await newHome();
  const address = IS_SERVED ? await sharedStore() : join(home, 'stint.db');
  const place: ScriptedPlace = { home, address, script };
  const { record, before, workplace, cluster, store } = await recordScripted(place);
  const never = new AbortController().signal;
  const options = { interrupt: never, force: never, onProgress: () => undefined };
  return {
    id: record.id,
    home,
    record,
    cluster,
    ended: IS_SERVED ? attendedByOthers(place, store, record) : attendRun(workplace, record, options),
    events: async () => (await store.runs.events(record.id)).map(({ event }) => event).slice(before),
    ask: (what) => store.requests.ask(record.id, what, Date.now()),
  };
}

/** A run whose training is to be launched next, by whoever attends it. */
export async function recordScripted(place: ScriptedPlace) {
  const { profile } = place.script;
  const { workplace, cluster, store } = await scriptedWorkplace(place);
  const loaded = await loadRecipe(join(RECIPES, 'tiny.yaml'));
  const plans = loaded.arms.map((arm) => makePlan(arm.recipe, arm.recipeDigest, profile));
  const [record] = await recordRuns(workplace, loaded, profile, plans);
  if (!record) throw new Error('a recipe without arms');
  const prepared: readonly RunEvent[] = [
    { type: 'stage-launched', stage: 'prepare', attempt: 1 },
    { type: 'plan-reviewed', plan: record.plan },
    { type: 'attempt-ended', stage: 'prepare', attempt: 1, exitClass: 'succeeded', message: 'done' },
    { type: 'stage-launched', stage: 'train', attempt: 1 },
  ];
  await store.runs.append(record.id, 0, Date.now(), prepared);
  return { record, before: prepared.length, workplace, cluster, store };
}

/** Where its runs are recorded, and what their pods do. */
export interface ScriptedPlace {
  readonly home: string;
  readonly address: string;
  readonly script: Script;
}

/** For a process that attends them. */
export async function scriptedWorkplace({ home, address, script }: ScriptedPlace) {
  const { command = ['sh', '-c'], profile } = script;
  const { cluster } = await openKubernetes(profile);
  const templates = await loadTemplates();
  const holes = ['${nodes:string}', '${devicesPerNode:string}'];
  const train = { command, args: [script.script, 'sh', ...holes] };
  const store: Store = address.includes('://')
    ? (await openPostgres(address, Date.now)).store
    : await openStore(address);
  const workplace: Workplace = {
    store,
    clusterFor: async () => cluster,
    loadTemplates: async () => ({ ...templates, stages: { ...templates.stages, train } }),
    workFolder: ({ id }) => workFolder(id),
    codeVersion: async () => 'test',
    log: { info: () => undefined, warn: () => undefined },
    keptLogs: keptLogs(join(home, 'logs', 'runs')),
    manifests: runManifests(({ id }) => workFolder(id)),
    priceOf: listedPrice,
    ...realClock,
    random: Math.random,
    owner: processIdentity(),
    pid: process.pid,
    host: null,
    isAlive: ({ owner }) => isProcessAlive(owner),
  };
  return { workplace, cluster, store };
}

/** Two processes attend it, of which one after the other is killed or frozen. */
async function attendedByOthers(place: ScriptedPlace, store: Store, { id }: RunRecord): Promise<Run> {
  inEnvironment(place.home, { STINT_STORE: place.address });
  await serveDisturbed(place.home, () => startAttending(SCRIPTED_PROCESS, place));
  return untilLetGo(store, id);
}
