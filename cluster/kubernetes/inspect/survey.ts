import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { KUEUE, servedVersion } from '../../../orchestrator/doctor/checks/check-apis.ts';
import type {
  ClaimFinding,
  ClusterFindings,
  NamespaceFinding,
  QueueFindings,
  StorageClassFinding,
  Unreached,
} from '../../../orchestrator/doctor/cluster-findings.ts';
import type { DryRunObject } from '../../../orchestrator/doctor/dry-run-objects.ts';
import { type Found, valueOf } from '../../../orchestrator/doctor/found.ts';
import type { ClusterNeeds } from '../../../orchestrator/doctor/needs.ts';
import { isStintError } from '../../../orchestrator/errors/stint-error.ts';
import { type ApiClient, apiClient, type JsonObject } from '../api/client.ts';
import { listAll } from '../api/list-all.ts';
import { loadConfig } from '../api/load-config.ts';
import { look } from '../api/look.ts';
import { dryRun } from './dry-run.ts';
import { inspectWorkFolder } from './inspect-work-folder.ts';
import { readNodes } from './read-nodes.ts';
import { reviewRights, whoAmI } from './review-rights.ts';
import { rightsFor } from './rights.ts';
import { surveyQueue } from './survey-queue.ts';

export interface SurveyOptions {
  readonly context: string | undefined;
  readonly needs: ClusterNeeds;
  /** What a launch would create. */
  readonly objects: readonly DryRunObject[];
  readonly signal: AbortSignal;
  /** Told what a credential plugin says. */
  readonly tell?: (line: string) => void;
  /** Where credentials come from; default: where kubectl finds them. */
  readonly load?: () => KubeConfig;
}

/** A person waits: a server that does not answer within some 3 s is told as such. */
export const PACE = { shortestMs: 100, longestMs: 1_000 };

/** Looks at everything that a profile needs of its cluster. Changes nothing there; what may not be seen is a finding. */
export async function survey(options: SurveyOptions): Promise<ClusterFindings | Unreached> {
  const { context, needs, objects, signal, tell, load = () => loadConfig(context) } = options;
  try {
    const client = apiClient(load, { pace: PACE, tell });
    const { gitVersion } = VersionSchema.parse(await client.json({ path: '/version', signal }));
    const server = load().getCurrentCluster()?.server ?? '';
    return { server, version: gitVersion, ...(await lookAround(client, needs, objects, signal)) };
  } catch (error) {
    if (isStintError(error)) return { unreached: error.problems };
    throw error;
  }
}

async function lookAround(
  client: ApiClient,
  needs: ClusterNeeds,
  objects: readonly DryRunObject[],
  signal: AbortSignal,
): Promise<Omit<ClusterFindings, 'server' | 'version'>> {
  const { namespace, serviceAccount, workClaim, otherClaims, secrets, workFolder, runtimes } = needs;
  const space = `/api/v1/namespaces/${namespace}`;
  const within = <T>(plural: string, name: string, read: (answer: JsonObject) => T) =>
    look(client, { path: `${space}/${plural}/${name}`, signal }, read);
  const [apis, found] = await Promise.all([
    look(client, { path: '/apis', signal }, apisOf),
    look(client, { path: space, signal }, namespaceOf),
  ]);
  return {
    apis,
    namespace: found,
    user: await whoAmI(client, signal),
    rights: await reviewRights(client, rightsFor(needs), signal),
    serviceAccount: await within('serviceaccounts', serviceAccount, () => true),
    claims: await byName([workClaim, ...otherClaims], (name) =>
      within('persistentvolumeclaims', name, claimOf),
    ),
    storageClasses: await listAll(
      client,
      { path: '/apis/storage.k8s.io/v1/storageclasses', signal },
      storageClassOf,
    ),
    secrets: await byName(secrets, (name) => within('secrets', name, () => true)),
    queue: await queueOf(client, { needs, apis, found, signal }),
    runtimes: await byName(runtimes, (name) => {
      const path = `/apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes/${name}`;
      return look(client, { path, signal }, ({ spec }) => spec);
    }),
    nodes: await readNodes(client, signal),
    dryRuns: await Promise.all(objects.map((object) => dryRun(client, object, { namespace, signal }))),
    workFolder: workFolder === undefined ? undefined : await inspectWorkFolder(workFolder),
  };
}

async function queueOf(
  client: ApiClient,
  seen: {
    readonly needs: ClusterNeeds;
    readonly apis: Found<readonly string[]>;
    readonly found: Found<NamespaceFinding>;
    readonly signal: AbortSignal;
  },
): Promise<QueueFindings | undefined> {
  const { queue, namespace } = seen.needs;
  const version = servedVersion(KUEUE, valueOf(seen.apis) ?? []);
  if (queue === undefined || version === undefined) return undefined;
  const namespaceLabels = valueOf(seen.found)?.labels;
  return surveyQueue(client, { queue, namespace, namespaceLabels, version, signal: seen.signal });
}

async function byName<T>(names: readonly string[], find: (name: string) => Promise<T>) {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await find(name)] as const)));
}

const VersionSchema = z.object({ gitVersion: z.string() });

const GroupsSchema = z.object({
  groups: z.array(z.object({ versions: z.array(z.object({ groupVersion: z.string() })) })),
});
const apisOf = (answer: JsonObject): readonly string[] =>
  GroupsSchema.parse(answer).groups.flatMap(({ versions }) =>
    versions.map(({ groupVersion }) => groupVersion),
  );

const NamespaceSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
  status: z.object({ phase: z.string().default('Active') }).prefault({}),
});
function namespaceOf(answer: JsonObject): NamespaceFinding {
  const { metadata, status } = NamespaceSchema.parse(answer);
  return { labels: metadata.labels, terminating: status.phase === 'Terminating' };
}

const ClaimSchema = z.object({
  spec: z.object({
    accessModes: z.array(z.string()).default([]),
    storageClassName: z.string().optional(),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      capacity: z.object({ storage: z.string().optional() }).prefault({}),
    })
    .prefault({}),
});
function claimOf(answer: JsonObject): ClaimFinding {
  const { spec, status } = ClaimSchema.parse(answer);
  const { accessModes, storageClassName } = spec;
  return {
    phase: status.phase,
    accessModes,
    storageClass: storageClassName,
    capacity: status.capacity.storage,
  };
}

const StorageClassSchema = z.object({
  metadata: z.object({ name: z.string() }),
  provisioner: z.string(),
  volumeBindingMode: z.string().default('Immediate'),
});
function storageClassOf(item: unknown): StorageClassFinding {
  const { metadata, provisioner, volumeBindingMode } = StorageClassSchema.parse(item);
  return { name: metadata.name, provisioner, bindsOnFirstUse: volumeBindingMode === 'WaitForFirstConsumer' };
}
