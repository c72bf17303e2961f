import { z } from 'zod';
import type {
  ClusterQueueFinding,
  FlavorFinding,
  QueueFindings,
} from '../../../orchestrator/doctor/cluster-findings.ts';
import { type Found, valueOf } from '../../../orchestrator/doctor/found.ts';
import { LabelSelectorSchema, selects } from '../../../orchestrator/doctor/label-selector.ts';
import type { QueueNeed } from '../../../orchestrator/doctor/needs.ts';
import { kubernetesQuantity } from '../../../orchestrator/units/kubernetes-quantity.ts';
import type { ApiClient, JsonObject } from '../api/client.ts';
import { listAll } from '../api/list-all.ts';
import { look } from '../api/look.ts';

const Quantity = z.string().transform(kubernetesQuantity);
const ConditionsSchema = z
  .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
  .default([]);

const LocalQueueSchema = z.object({
  spec: z.object({ clusterQueue: z.string() }),
  status: z.object({ conditions: ConditionsSchema }).prefault({}),
});

const ClusterQueueSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    /** `cohort` in v1beta1. */
    cohortName: z.string().optional(),
    cohort: z.string().optional(),
    namespaceSelector: LabelSelectorSchema.nullish(),
    resourceGroups: z
      .array(
        z.object({
          coveredResources: z.array(z.string()),
          flavors: z.array(
            z.object({
              name: z.string(),
              resources: z.array(z.object({ name: z.string(), nominalQuota: Quantity })),
            }),
          ),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      conditions: ConditionsSchema,
      pendingWorkloads: z.number().default(0),
      flavorsUsage: z
        .array(
          z.object({
            name: z.string(),
            resources: z.array(z.object({ name: z.string(), total: Quantity.optional() })),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

const FlavorSchema = z.object({
  spec: z
    .object({
      nodeLabels: z.record(z.string(), z.string()).default({}),
      tolerations: z
        .array(
          z.object({
            key: z.string().optional(),
            operator: z.string().optional(),
            value: z.string().optional(),
            effect: z.string().optional(),
          }),
        )
        .default([]),
      topologyName: z.string().optional(),
    })
    .prefault({}),
});

const TopologySchema = z.object({ spec: z.object({ levels: z.array(z.object({ nodeLabel: z.string() })) }) });
const NamedSchema = z.object({ metadata: z.object({ name: z.string() }) });

export interface QueueQuestion {
  readonly queue: QueueNeed;
  readonly namespace: string;
  /** Undefined where they cannot be seen. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
  /** Version of Kueue's API. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/** The profile's queue, and all of Kueue that it leads to. */
export async function surveyQueue(client: ApiClient, question: QueueQuestion): Promise<QueueFindings> {
  const { queue, namespace, namespaceLabels, version, signal } = question;
  const api = `kueue.x-k8s.io/${version}`;
  const one = <T>(plural: string, name: string, read: (answer: JsonObject) => T) =>
    look(client, { path: `/apis/${api}/${plural}/${name}`, signal }, read);
  const names = async (plural: string) => {
    const found = await listAll(client, { path: `/apis/${api}/${plural}`, signal }, (item) =>
      NamedSchema.parse(item),
    );
    return (valueOf(found) ?? []).map(({ metadata }) => metadata.name);
  };
  const within = `namespaces/${namespace}/localqueues`;
  const { priorityClass } = queue;
  const local = await look(client, { path: `/apis/${api}/${within}/${queue.name}`, signal }, (answer) => {
    const { spec, status } = LocalQueueSchema.parse(answer);
    return { ...activeOf(status.conditions), clusterQueue: spec.clusterQueue };
  });
  const target = valueOf(local)?.clusterQueue;
  const cluster: Found<ClusterQueueFinding> =
    target === undefined
      ? { is: 'unknown', why: 'its LocalQueue is not known' }
      : await one('clusterqueues', target, (answer) => clusterQueueOf(answer, namespaceLabels));
  const flavorNames = (valueOf(cluster)?.groups ?? []).flatMap(({ flavors }) =>
    flavors.map(({ name }) => name),
  );
  const flavors = await byName(flavorNames, (name) => one('resourceflavors', name, flavorOf));
  const topologyNames = Object.values(flavors).flatMap((flavor) => valueOf(flavor)?.topology ?? []);
  return {
    api,
    local,
    locals: await names(within),
    cluster,
    flavors,
    topologies: await byName(topologyNames, (name) =>
      one('topologies', name, (answer) =>
        TopologySchema.parse(answer).spec.levels.map(({ nodeLabel }) => nodeLabel),
      ),
    ),
    priorityClass:
      priorityClass === undefined
        ? undefined
        : await one('workloadpriorityclasses', priorityClass, () => true),
    priorityClasses: priorityClass === undefined ? [] : await names('workloadpriorityclasses'),
  };
}

async function byName<T>(names: readonly string[], find: (name: string) => Promise<T>) {
  return Object.fromEntries(
    await Promise.all([...new Set(names)].map(async (name) => [name, await find(name)] as const)),
  );
}

/** A queue that has not said anything yet is not active yet. */
function activeOf(conditions: z.infer<typeof ConditionsSchema>) {
  const active = conditions.find(({ type }) => type === 'Active');
  return {
    active: active?.status === 'True',
    why: active?.message || 'it has not said why; does its controller run?',
  };
}

function clusterQueueOf(
  answer: JsonObject,
  namespaceLabels: Readonly<Record<string, string>> | undefined,
): ClusterQueueFinding {
  const { metadata, spec, status } = ClusterQueueSchema.parse(answer);
  const usage = new Map(status.flavorsUsage.map(({ name, resources }) => [name, resources]));
  return {
    name: metadata.name,
    ...activeOf(status.conditions),
    cohort: spec.cohortName ?? spec.cohort,
    // Where labels cannot be seen nothing is held against it.
    servesNamespace: namespaceLabels === undefined || selects(spec.namespaceSelector, namespaceLabels),
    pendingWorkloads: status.pendingWorkloads,
    groups: spec.resourceGroups.map(({ coveredResources, flavors }) => ({
      resources: coveredResources,
      flavors: flavors.map(({ name, resources }) => ({
        name,
        quota: Object.fromEntries(resources.map((each) => [each.name, each.nominalQuota])),
        used: Object.fromEntries((usage.get(name) ?? []).map((each) => [each.name, each.total ?? 0])),
      })),
    })),
  };
}

function flavorOf(answer: JsonObject): FlavorFinding {
  const { nodeLabels, tolerations, topologyName } = FlavorSchema.parse(answer).spec;
  return { nodeLabels, tolerations, topology: topologyName };
}
