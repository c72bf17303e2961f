import type { KubeConfig } from '@kubernetes/client-node';
import { type Found, valueOf } from '../../../orchestrator/doctor/found.ts';
import type { Inventory, PodUse } from '../../../orchestrator/doctor/node-use.ts';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import { LABEL } from '../../../orchestrator/render/keys.ts';
import { type ApiClient, apiClient } from '../api/client.ts';
import { listAll } from '../api/list-all.ts';
import { loadConfig } from '../api/load-config.ts';
import { podsIn } from '../api/places.ts';
import { PodSchema } from '../objects/pod.ts';
import { devicesOf } from '../objects/pod-facts.ts';
import { readNodes } from './read-nodes.ts';
import { readReservations } from './read-reservations.ts';
import { PACE } from './survey.ts';

export interface InventoryOptions {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly deviceResource: string | undefined;
  readonly signal: AbortSignal;
  /** Told what a credential plugin says. */
  readonly tell?: (line: string) => void;
  /** Where credentials come from; default: where kubectl finds them. */
  readonly load?: () => KubeConfig;
}

/**
 * The nodes of the cluster and the pods on them: of all namespaces where that is allowed, else of the profile's.
 *
 * @throws StintError `cluster-forbidden` when nodes cannot be listed; ApiError `credential-plugin`
 */
export async function readInventory(options: InventoryOptions): Promise<Inventory> {
  const { context, namespace, deviceResource, signal, tell, load = () => loadConfig(context) } = options;
  const client = apiClient(load, { pace: PACE, tell });
  const nodes = required(await readNodes(client, signal), 'the nodes of the cluster');
  const pods = (path: string) => livePods(client, path, deviceResource, signal);
  const all = await pods('/api/v1/pods');
  return {
    nodes,
    pods: valueOf(all) ?? required(await pods(podsIn(namespace)), `the pods of namespace ${namespace}`),
    // A queue that may not be looked at hides at most its own leaks; doctor says that it may not.
    reservations: valueOf(await readReservations(client, namespace, deviceResource, signal)) ?? [],
    seesAllPods: all.is === 'there',
  };
}

function required<T>(found: Found<T>, thing: string): T {
  if (found.is === 'there') return found.value;
  if (found.is === 'forbidden')
    throw new StintError({
      code: 'cluster-forbidden',
      what: `${thing} cannot be listed: you may not ${found.right}`,
      todo: `ask for the right to ${found.right}`,
    });
  const unknown = found.is === 'unknown' ? found : undefined;
  if (unknown?.cause !== undefined) throw unknown.cause;
  throw new StintError({
    code: 'cluster-unavailable',
    what: `${thing} cannot be listed`,
    ...(unknown && { why: unknown.why }),
    todo: unknown?.todo ?? 'run the command again',
  });
}

/** Pods that have ended hold nothing. */
const ALIVE = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };

const livePods = (
  client: ApiClient,
  path: string,
  deviceResource: string | undefined,
  signal: AbortSignal,
): Promise<Found<readonly PodUse[]>> =>
  listAll(client, { path, query: ALIVE, signal }, (item) => {
    const pod = PodSchema.parse(item);
    const { metadata } = item as { readonly metadata: { readonly namespace: string } };
    return {
      name: pod.metadata.name,
      namespace: metadata.namespace,
      node: pod.spec.nodeName,
      run: pod.metadata.labels[LABEL.run],
      team: pod.metadata.labels[LABEL.team],
      project: pod.metadata.labels[LABEL.project],
      devices: devicesOf(pod, deviceResource),
      terminating: pod.metadata.deletionTimestamp !== undefined,
    };
  });
