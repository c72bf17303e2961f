import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import { kubernetesCluster } from '../../../cluster/kubernetes/kubernetes-cluster.ts';
import { workOf } from '../../../ops/test-cluster/layout.ts';
import { attendRun } from '../../../orchestrator/controller/attend-run.ts';
import { realClock } from '../../../orchestrator/controller/clock.ts';
import type { ControlOptions } from '../../../orchestrator/controller/control-options.ts';
import { recordRuns } from '../../../orchestrator/controller/record-runs.ts';
import { runManifests } from '../../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../../orchestrator/controller/workplace.ts';
import { keptLogs } from '../../../orchestrator/documents/kept-logs.ts';
import { loadProfile } from '../../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../../../orchestrator/documents/load-templates.ts';
import type { PodStatement } from '../../../orchestrator/ledger/statement.ts';
import { statement } from '../../../orchestrator/ledger/statement.ts';
import { openLog } from '../../../orchestrator/logging/open-log.ts';
import { makePlan } from '../../../orchestrator/plan/make-plan.ts';
import type { Cluster } from '../../../orchestrator/ports/cluster.ts';
import type { Store } from '../../../orchestrator/ports/store.ts';
import type { ClusterProfile } from '../../../orchestrator/profile/cluster-profile.ts';
import type { KubernetesBackend } from '../../../orchestrator/profile/kubernetes-backend.ts';
import type { FineTune } from '../../../orchestrator/recipe/fine-tune.ts';
import type { Progress } from '../../../orchestrator/run/progress.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import type { Run } from '../../../orchestrator/run/state.ts';
import { openStore } from '../../../orchestrator/store/open-store.ts';
import { watchedTo } from '../../ledger/watched-to.ts';
import { listedPrice } from '../../store/fixtures.ts';
import { kubectl, kubectlGet } from '../kubectl.ts';
import { IS_SERVED } from '../served/served-home.ts';
import { canSteer, steer } from '../steer.ts';
import { layResults } from './lay-results.ts';
import { heldByRecord, type PodRecords } from './pod-records.ts';
import { attendedByOthers, servedStore } from './served-runs.ts';

export const NAMESPACE = 'training';
export const IN = `--namespace=${NAMESPACE}`;

export interface SimulatedOptions {
  /** Of the pods that hold devices: ops/test-cluster/config/kwok-stages.yaml. */
  readonly sim?: Readonly<Record<string, string>>;
  readonly backend?: Partial<KubernetesBackend>;
  /** From SIGTERM to SIGKILL, seconds. */
  readonly grace?: number;
  /** By the quickstart's benchmark, because s1's would take weeks on the one device that decodes; else training and export alone. */
  readonly evaluation?: boolean;
  /** Of the quickstart's size, on 2 × 1 GPU: as many runs as a node has devices go on beside each other. */
  readonly small?: boolean;
}

/** `cluster/profiles/h100-16.yaml`, with what the simulated nodes ask for. */
async function profileOf({
  sim = {},
  backend = {},
  grace = 5,
  small,
}: SimulatedOptions): Promise<ClusterProfile> {
  const profile = await loadProfile('h100-16');
  if (profile.backend.kind !== 'kubernetes') throw new Error('h100-16 is no Kubernetes');
  const { floors: _, ...unmeasured } = profile;
  return {
    // Without floors: no disk saves 32B in the few seconds that a simulated stop takes, and nothing is saved here.
    ...unmeasured,
    grace,
    ...(small && {
      devicesPerNode: 1,
      node: { cpus: 8, memory: 2 ** 36, sharedMemory: 2 ** 28 },
      network: { ...profile.network, resources: {} },
    }),
    backend: {
      ...profile.backend,
      workFolder: workOf(NAMESPACE),
      // There are no nodes without devices for the stages that need none.
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      pod: {
        annotations: { 'sim/run': '2s', ...sim },
        hostNetwork: false,
        hostVolumes: [],
        volumeMounts: [],
        initContainers: [],
      },
      ...backend,
    },
  };
}

/** A store of its own and the adapter as `stint` composes them, on the simulated nodes. */
export interface Simulated {
  readonly home: string;
  readonly workplace: Workplace;
  readonly launch: (options?: SimulatedOptions) => Promise<RunRecord>;
  readonly control: (record: RunRecord, options?: Partial<ControlOptions>) => Controlled;
  /** Takes what is over off the cluster, before the day that it would stay there. */
  readonly forget: (record: RunRecord) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Controlled {
  readonly done: Promise<Run>;
  /** What it waited for, in order, each once. */
  readonly waits: readonly string[];
  readonly warnings: readonly string[];
}

export interface SimulatedCluster {
  readonly load?: () => KubeConfig;
  /** In place of the adapter, something around it. */
  readonly around?: (cluster: Cluster) => Cluster;
}

const workFolder: Workplace['workFolder'] = ({ id }) => join(workOf(NAMESPACE), 'runs', id);

/** As main composes it, with an adapter of its own that has seen nothing yet. */
export function workplaceOn(
  store: Store,
  home: string,
  { load, around = (it) => it }: SimulatedCluster = {},
): Workplace {
  const log = openLog(join(home, 'stint.jsonl'));
  const clusters = new Map<string, Cluster>();
  const open = ({ backend, device }: ClusterProfile): Cluster => {
    if (backend.kind !== 'kubernetes') throw new Error('no Kubernetes');
    const say = (what: string) => log.warn({}, what);
    const options = { backend, deviceResource: device.resource, say, ...(load && { load }) };
    return around(silent(kubernetesCluster(options)));
  };
  return {
    store,
    clusterFor: async (profile) => {
      const key = JSON.stringify(profile);
      const cluster = clusters.get(key) ?? open(profile);
      clusters.set(key, cluster);
      return cluster;
    },
    loadTemplates,
    workFolder,
    codeVersion: async () => 'test',
    log,
    keptLogs: keptLogs(join(home, 'logs')),
    manifests: runManifests(workFolder),
    priceOf: listedPrice,
    ...realClock,
    random: Math.random,
    owner: 'test/1',
    pid: process.pid,
    host: null,
    isAlive: () => true,
  };
}

/** Other processes attend what is launched here where that is asked for, and know nothing of a cluster that is made for a test. */
export async function openSimulated(cluster: SimulatedCluster = {}): Promise<Simulated> {
  const isServed = IS_SERVED && cluster.load === undefined && cluster.around === undefined;
  const home = mkdtempSync(join(tmpdir(), 'stint-simulated-'));
  const store = isServed ? await servedStore() : await openStore(join(home, 'stint.db'));
  const workplace = workplaceOn(store, home, cluster);
  const launched: string[] = [];
  const over = new AbortController();
  const controlled: Promise<unknown>[] = [];
  return {
    home,
    workplace,
    launch: async (options = {}) => {
      const loaded = await loadRecipe(`recipes/${options.small ? 'quickstart' : 's1-32b'}.yaml`);
      const arm = loaded.arms.at(-1);
      if (!arm) throw new Error('the recipe has no arm');
      const { evaluation: _, ...rest } = arm.recipe;
      const recipe = options.evaluation ? { ...rest, evaluation: await quickstartEvaluation() } : rest;
      const profile = await profileOf(options);
      const plan = makePlan(recipe, arm.recipeDigest, profile);
      const [record] = await recordRuns(workplace, { ...loaded, arms: [{ ...arm, recipe }] }, profile, [
        plan,
      ]);
      if (!record) throw new Error('no run was created');
      launched.push(record.id);
      layResults(workFolder(record), recipe);
      return record;
    },
    control: (record, options = {}) => {
      if (isServed) return attendedByOthers(workplace, record);
      const waits: string[] = [];
      const warnings: string[] = [];
      const onProgress = (progress: Progress) => {
        if (progress.kind === 'waiting' && progress.what !== '') waits.push(progress.what);
        if (progress.kind === 'warning') warnings.push(progress.message);
      };
      const force = new AbortController().signal;
      const done = attendRun(workplace, record, { interrupt: over.signal, force, onProgress, ...options });
      controlled.push(done.catch(() => undefined));
      return { done, waits, warnings };
    },
    forget: ({ id }) => removeRun(id),
    close: async () => {
      over.abort();
      await Promise.all(controlled);
      for (const run of launched) await removeRun(run);
      if (!isServed) await store.close();
      rmSync(home, { recursive: true, force: true });
      for (const run of launched)
        rmSync(join(workOf(NAMESPACE), 'runs', run), { recursive: true, force: true });
    },
  };
}

async function quickstartEvaluation(): Promise<NonNullable<FineTune['evaluation']>> {
  const [arm] = (await loadRecipe('recipes/quickstart.yaml')).arms;
  if (arm?.recipe.evaluation === undefined) throw new Error('the quickstart evaluates nothing');
  return arm.recipe.evaluation;
}

/** Simulated pods print nothing, and no kubelet is there to say so. */
const silent = (cluster: Cluster): Cluster => ({ ...cluster, logs: async function* () {} });

const OWNED = 'jobsets,jobs,pods,configmaps,services';

/**
 * Whatever tests have left of a run, or of all, without settling it: again until nothing is there, because what makes pods
 * may have made another one meanwhile.
 */
export async function removeRun(run?: string): Promise<void> {
  const selector = `--selector=stint.dev/run${run === undefined ? '' : `=${run}`}`;
  const unhold = ['--type=merge', '--patch={"metadata":{"finalizers":null}}'];
  const later = ['--ignore-not-found', '--wait=false'];
  for (let tries = 0; tries < 40; tries++) {
    const left = await kubectl(['get', 'jobsets,pods', IN, selector, '--output=name']);
    const names = left.split('\n').filter(Boolean);
    // One that has gone meanwhile is told as an error, when the others are done.
    if (names.length > 0) await kubectl(['patch', IN, ...names, ...unhold]).catch(() => '');
    await kubectl(['delete', OWNED, IN, selector, ...later]);
    // Where no node reports a pod's end any more, nobody else takes it away.
    await kubectl(['delete', 'pods', IN, selector, ...later, '--force', '--grace-period=0']);
    if (names.length === 0) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`what is left of ${run ?? 'runs'} does not go`);
}

/** Nothing of other tests is left, and stages without devices take half a second instead of five; the returned function ends that. */
export async function prepareNamespace(): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = [];
  await removeRun();
  // Elsewhere these stages take their five seconds.
  for (const stage of (await canSteer()) ? ['prepare', 'export'] : []) {
    const labels = { 'stint.dev/stage': stage };
    ends.push(await steer({ namespace: NAMESPACE, labels, annotations: { 'sim/run': '500ms' } }));
  }
  // A policy is seen by the API server's admission a moment after it is made.
  await new Promise((done) => setTimeout(done, 1_500));
  return async () => {
    for (const end of ends) await end();
  };
}

export interface Held {
  readonly pod: string;
  readonly devices: number;
  readonly from: number;
  readonly to: number;
  readonly gpuMilliseconds: number;
}

export interface HeldTwice {
  readonly ledger: readonly Held[];
  readonly pods: readonly PodStatement[];
  readonly apiServer: readonly Held[];
}

/**
 * By the ledger, and by the API server's own records: pod by pod, in one order. What the server has said may still be on its way
 * to whoever wrote it down, so two that differ are looked at again for a while; a ledger that is wrong stays wrong.
 */
export async function heldTwice(workplace: Workplace, records: PodRecords, run: string): Promise<HeldTwice> {
  for (const end = Date.now() + 10_000; ; await new Promise((done) => setTimeout(done, 200))) {
    const held = await heldNow(workplace, records, run);
    if (isDeepStrictEqual(held.ledger, held.apiServer) || Date.now() > end) return held;
  }
}

async function heldNow({ store }: Workplace, records: PodRecords, run: string): Promise<HeldTwice> {
  const { pods } = statement(await store.ledger.facts([run]), watchedTo(Date.now()));
  const inOrder = (held: readonly Held[]) => held.toSorted((a, b) => a.pod.localeCompare(b.pod));
  return {
    pods,
    ledger: inOrder(
      // Of a pod whose end nobody saw, the record tells the proof of its death: that is where the doubt ends.
      pods.map(({ pod, devices, from, doubtUntil, gpuMilliseconds, doubtfulMilliseconds }) => ({
        pod,
        devices,
        from,
        to: doubtUntil,
        gpuMilliseconds: gpuMilliseconds + doubtfulMilliseconds,
      })),
    ),
    apiServer: inOrder(
      records.of(run).flatMap((states) => {
        const told = states.flatMap((state) => heldByRecord(state) ?? []);
        // Any end that the server has told is one that the ledger may have seen first.
        const same = told.find(({ pod, to }) =>
          pods.some((each) => each.pod === pod && each.doubtUntil === to),
        );
        return same ?? told.slice(-1);
      }),
    ),
  };
}

/** Names of what the cluster still keeps of the run until its usage is settled. */
export async function kept(run: string): Promise<readonly string[]> {
  const { items } = (await kubectlGet('jobsets,pods', IN, `--selector=stint.dev/run=${run}`)) as unknown as {
    readonly items: readonly {
      readonly metadata: { readonly name: string; readonly finalizers?: readonly string[] };
    }[];
  };
  return items.flatMap(({ metadata }) =>
    metadata.finalizers?.includes('stint.dev/usage-settled') ? [metadata.name] : [],
  );
}
