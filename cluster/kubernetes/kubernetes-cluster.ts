import type { KubeConfig } from '@kubernetes/client-node';
import { valueOf } from '../../orchestrator/doctor/found.ts';
import { hasLabels } from '../../orchestrator/doctor/node-room.ts';
import type { Cluster, LogOptions, Settled, StopOptions } from '../../orchestrator/ports/cluster.ts';
import type { KubernetesBackend } from '../../orchestrator/profile/kubernetes-backend.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { configName } from '../../orchestrator/render/names.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { endPods } from './act/end-pods.ts';
import { fenceNode } from './act/fence-node.ts';
import { holdBack, holdBackByName } from './act/hold-back.ts';
import { endJob, letObjectGo, removeOwn } from './act/settle.ts';
import { applyObject } from './api/apply.ts';
import { type ApiClient, apiClient, type JsonObject } from './api/client.ts';
import { loadConfig } from './api/load-config.ts';
import { configsIn, eventsIn, ownersIn, podsIn, servicesIn } from './api/places.ts';
import { workloadsPath } from './api/workloads-path.ts';
import { readNodes } from './inspect/read-nodes.ts';
import { followLog } from './observe/follow-log.ts';
import { runsThere } from './observe/runs-there.ts';
import { RunsView } from './observe/runs-view.ts';
import type { PodSnapshot } from './observe/seen-pods.ts';
import { Views } from './observe/views.ts';

export interface KubernetesOptions {
  readonly backend: KubernetesBackend;
  /** Extended resource by which devices are counted; undefined where they are processors. */
  readonly deviceResource: string | undefined;
  /** Told of trouble that is being dealt with, in words for a person. */
  readonly say?: (what: string) => void;
  /** Told what a credential plugin says; default: `say`. */
  readonly tell?: (line: string) => void;
  /** Where credentials come from; default: where kubectl finds them. */
  readonly load?: () => KubeConfig;
}

interface Until {
  readonly signal: AbortSignal;
}

/** Runs rendered jobs on a Kubernetes cluster, in one namespace, with whatever rights the credentials give. */
export function kubernetesCluster(options: KubernetesOptions): Cluster {
  const { backend, say = () => undefined } = options;
  const { namespace } = backend;
  const client = apiClient(options.load ?? (() => loadConfig(backend.context)), {
    tell: options.tell ?? say,
  });
  const pods = podsIn(namespace);
  const jobs = ownersIn(backend.owner, namespace);
  const forget = (name: string, { signal }: Until) => letObjectGo(client, `${pods}/${name}`, signal);

  const workloads = workloadsOf(client, backend);
  let views: Views | undefined;

  async function apply(manifests: readonly Manifest[], { signal }: Until) {
    for (const manifest of manifests) await applyObject(client, manifest, { namespace, signal });
  }

  const runs = ({ signal }: Until) => runsThere(client, [pods, jobs], signal);

  async function* watch(run: string, { signal }: Until) {
    const path = await workloads(signal);
    views ??= viewsBy(client, options, path);
    yield* views.for(run).watch(run, signal);
  }

  async function* logs(pod: string, { signal, follow = true }: LogOptions) {
    yield* followLog(client, { path: `${pods}/${pod}`, follow, signal, say });
  }

  async function end(
    labelSelector: string,
    covers: (pod: PodFacts) => boolean,
    { signal, graceSeconds, onWarning = say }: StopOptions,
  ) {
    const look = (set: Omit<PodSnapshot, 'covers'>) => views?.take({ ...set, covers });
    const onNode = async (node: string) => {
      const came = backend.fenceLostNodes ? await fenceNode(client, node, signal) : undefined;
      if (came !== undefined) onWarning(came);
    };
    const overdue = { afterMs: backend.deadlines.terminating * 1_000, onNode };
    await endPods(client, { path: pods, labelSelector, graceSeconds, signal, look, say, overdue });
  }

  async function stop(job: string, wish: StopOptions) {
    await holdBackByName(client, job, { namespace, jobs, signal: wish.signal });
    await end(`${LABEL.job}=${job}`, (pod) => pod.job === job, wish);
  }

  async function fence(run: string, { signal }: Until) {
    const labelSelector = `${LABEL.run}=${run}`;
    const { items } = await client.json({ path: jobs, query: { labelSelector }, signal });
    for (const job of items as readonly JsonObject[])
      await holdBack(client, job, { namespace, jobs, signal });
    await end(labelSelector, (pod) => pod.run === run, { signal });
  }

  async function release({ job, pods: names, whole }: Settled, until: Until) {
    // Before its pods go: a JobSet whose queue has yet to suspend it starts again when the last one is gone.
    if (whole) await endJob(client, `${jobs}/${job}`, until.signal);
    await Promise.all(names.map((name) => forget(name, until)));
    if (!whole) return;
    await letObjectGo(client, `${jobs}/${job}`, until.signal);
    // Of an indexed Job; a JobSet has one of its own.
    if (backend.owner !== 'job') return;
    await removeOwn(client, `${servicesIn(namespace)}/${job}`, [LABEL.job, job], until.signal);
  }

  const clear = (run: string, { signal }: Until) =>
    removeOwn(client, `${configsIn(namespace)}/${configName(run)}`, [LABEL.run, run], signal);

  const usableNodes = ({ signal }: Until) => usableNodesOf(client, options, signal);

  const queues = backend.queue !== undefined;
  return { outlives: true, queues, apply, runs, watch, logs, stop, fence, release, clear, usableNodes };
}

/** Names of those that take pods of gangs just now; null where nodes may not be read. */
async function usableNodesOf(
  client: ApiClient,
  { backend, deviceResource }: Pick<KubernetesOptions, 'backend' | 'deviceResource'>,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const nodes = valueOf(await readNodes(client, signal));
  if (nodes === undefined) return null;
  const has = (allocatable: Readonly<Record<string, number>>) =>
    deviceResource === undefined || (allocatable[deviceResource] ?? 0) > 0;
  return nodes
    .filter(({ ready, cordoned, allocatable }) => ready && !cordoned && has(allocatable))
    .filter(({ labels }) => hasLabels(labels, backend.nodeSelector))
    .map(({ name }) => name);
}

/** Finds where Workloads are, on a cluster with a queue. What cannot be found now may be later. */
function workloadsOf(
  client: ApiClient,
  { queue, namespace }: KubernetesBackend,
): (signal: AbortSignal) => Promise<string | undefined> {
  let finding: Promise<string> | undefined;
  return async (signal) => {
    if (!queue) return undefined;
    finding ??= workloadsPath(client, namespace, signal).catch((error: unknown) => {
      finding = undefined;
      throw error;
    });
    return finding;
  };
}

/** @param workloads - Where they are; undefined without a queue. */
function viewsBy(
  client: ApiClient,
  { backend, deviceResource, say = () => undefined }: KubernetesOptions,
  workloads: string | undefined,
): Views {
  const { namespace, owner } = backend;
  const pods = podsIn(namespace);
  const watched = { pods, jobs: ownersIn(owner, namespace), workloads, events: eventsIn(namespace) };
  const onNeverBound = ({ metadata }: { readonly metadata: { readonly name: string } }): void => {
    letObjectGo(client, `${pods}/${metadata.name}`, new AbortController().signal).catch((error: unknown) =>
      say(`${metadata.name} could not be let go: ${String(error)}`),
    );
  };
  return new Views((run) => new RunsView(client, { watched, run, deviceResource, say, onNeverBound }));
}
