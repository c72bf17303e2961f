import { z } from 'zod';
import type { Leftovers } from '../../orchestrator/doctor/leftovers.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import { ApiError } from './api-error.ts';
import { type ApiClient, apiClient, type JsonObject } from './client.ts';
import { loadConfig } from './load-config.ts';
import { configsIn, OWNER_KINDS, ownersIn, podsIn, servicesIn } from './places.ts';
import { hasEnded, PodSchema } from './pod.ts';
import { devicesOf, podFacts } from './pod-facts.ts';
import { letObjectGo, remove } from './settle.ts';

export interface RunPlace {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly run: string;
  readonly deviceResource: string | undefined;
  readonly signal: AbortSignal;
  /** Told what a credential plugin says. */
  readonly tell: (line: string) => void;
}

const NamedSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
const ItemsSchema = z.object({ items: z.array(NamedSchema).default([]) });

/** All of a run that the namespace holds, found by its label. */
export async function findLeftovers(place: RunPlace): Promise<Leftovers> {
  const client = clientFor(place);
  const owners = OWNER_KINDS.map(async (kind) => {
    const items = await labelled(client, ownersIn(kind, place.namespace), place);
    return items.map(({ metadata }) => ({ kind, name: metadata.name }));
  });
  const pods = await labelled(client, podsIn(place.namespace), place);
  return { owners: (await Promise.all(owners)).flat(), pods: pods.map((pod) => leftPod(pod, place)) };
}

function leftPod(object: JsonObject, { deviceResource }: RunPlace) {
  const pod = PodSchema.parse(object);
  const { uid, name } = pod.metadata;
  const facts = podFacts(pod, deviceResource);
  const devices = devicesOf(pod, deviceResource);
  return {
    uid,
    name,
    node: pod.spec.nodeName,
    devices,
    alive: !hasEnded(pod),
    gpuMilliseconds: facts ? devices * Math.max(0, (facts.endedAt ?? Date.now()) - facts.boundAt) : 0,
  };
}

/**
 * Takes everything of the run away and settles nothing: the owners first, so that nobody makes pods again, then the pods,
 * which still end as their nodes end them, then what the stages shared.
 *
 * @param ended - The records of the pods are kept until then, for whoever wants to know of their ends.
 */
export async function releaseRun(
  place: RunPlace,
  ended: () => Promise<void> = async () => undefined,
): Promise<void> {
  const client = clientFor(place);
  const { namespace, signal } = place;
  const each = async (paths: readonly string[], act: (path: string) => Promise<void>) => {
    for (const path of paths)
      for (const { metadata } of await labelled(client, path, place)) await act(`${path}/${metadata.name}`);
  };
  const takeAway = async (path: string) => {
    await remove(client, path, signal);
    await letObjectGo(client, path, signal);
  };
  await each(
    OWNER_KINDS.map((kind) => ownersIn(kind, namespace)),
    takeAway,
  );
  await each([podsIn(namespace)], (path) => remove(client, path, signal));
  await ended();
  await each([podsIn(namespace), servicesIn(namespace), configsIn(namespace)], takeAway);
}

const clientFor = ({ context, tell }: RunPlace): ApiClient => apiClient(() => loadConfig(context), { tell });

/** None where the cluster does not know the kind. */
async function labelled(client: ApiClient, path: string, { run, signal }: RunPlace) {
  try {
    const query = { labelSelector: `${LABEL.run}=${run}` };
    return ItemsSchema.parse(await client.json({ path, query, signal })).items;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}
