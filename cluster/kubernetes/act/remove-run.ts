import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Leftovers } from '../../../orchestrator/doctor/leftovers.ts';
import { LABEL } from '../../../orchestrator/render/keys.ts';
import { configName } from '../../../orchestrator/render/names.ts';
import type { Owner } from '../../../orchestrator/render/owner.ts';
import { ApiError } from '../api/api-error.ts';
import { type ApiClient, apiClient, type JsonObject } from '../api/client.ts';
import { loadConfig } from '../api/load-config.ts';
import { configsIn, OWNER_KINDS, ownersIn, podsIn, servicesIn } from '../api/places.ts';
import { hasEnded, PodSchema } from '../objects/pod.ts';
import { devicesOf, podFacts } from '../objects/pod-facts.ts';
import { letObjectGo, remove, removeOwn } from './settle.ts';

export interface RunPlace {
  readonly context: string | undefined;
  readonly namespace: string;
  /** What carries the pods of the profile's runs: of other kinds only what may be seen is looked for. */
  readonly owner: Owner;
  readonly run: string;
  readonly deviceResource: string | undefined;
  readonly signal: AbortSignal;
  /** Told what a credential plugin says. */
  readonly tell: (line: string) => void;
  /** Where credentials come from; default: where kubectl finds them. */
  readonly load?: () => KubeConfig;
}

const NamedSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
});
const ItemsSchema = z.object({ items: z.array(NamedSchema).default([]) });

/** All of a run that the namespace holds, found by its label. */
export async function leftoversOf(place: RunPlace): Promise<Leftovers> {
  const client = clientFor(place);
  const owners = OWNER_KINDS.map(async (kind) =>
    (await ownersOf(client, kind, place)).map((name) => ({ kind, name })),
  );
  const [found, pods] = await Promise.all([
    Promise.all(owners),
    labelled(client, podsIn(place.namespace), place),
  ]);
  return { owners: found.flat(), pods: pods.map((pod) => leftPod(pod, place)) };
}

const ownersOf = (client: ApiClient, kind: Owner, place: RunPlace): Promise<readonly string[]> =>
  namesOf(client, ownersIn(kind, place.namespace), place, kind === place.owner ? 'needed' : 'where allowed');

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
export async function removeRun(
  place: RunPlace,
  ended: () => Promise<void> = async () => undefined,
): Promise<void> {
  const client = clientFor(place);
  const { namespace, run, signal } = place;
  const takeAway = async (path: string) => {
    await remove(client, path, signal);
    await letObjectGo(client, path, signal);
  };
  const pods = podsIn(namespace);
  const podNames = () => namesOf(client, pods, place, 'needed');
  const jobs = new Set<string>();
  for (const kind of OWNER_KINDS)
    for (const name of await ownersOf(client, kind, place)) {
      jobs.add(name);
      await takeAway(`${ownersIn(kind, namespace)}/${name}`);
    }
  for (const { metadata } of await labelled(client, pods, place)) {
    const job = metadata.labels[LABEL.job];
    if (job !== undefined) jobs.add(job);
    await remove(client, `${pods}/${metadata.name}`, signal);
  }
  await ended();
  for (const name of await podNames()) await takeAway(`${pods}/${name}`);
  // By the names that a launch gives them: whoever may launch may not have to list them. Only an indexed Job has a Service.
  const services = await namesOf(client, servicesIn(namespace), place, 'where allowed');
  const named = place.owner === 'job' ? jobs : [];
  const takeOwn = (path: string) => removeOwn(client, path, [LABEL.run, run], signal);
  for (const name of new Set([...named, ...services])) await takeOwn(`${servicesIn(namespace)}/${name}`);
  const configs = await namesOf(client, configsIn(namespace), place, 'where allowed');
  for (const name of new Set([configName(run), ...configs])) await takeOwn(`${configsIn(namespace)}/${name}`);
}

const clientFor = ({ context, tell, load = () => loadConfig(context) }: RunPlace): ApiClient =>
  apiClient(load, { tell });

type Wanted = 'needed' | 'where allowed';

const namesOf = async (client: ApiClient, path: string, place: RunPlace, wanted: Wanted) =>
  (await labelled(client, path, place, wanted)).map(({ metadata }) => metadata.name);

/** None where the cluster does not know the kind, or where it may not be seen and need not. */
async function labelled(
  client: ApiClient,
  path: string,
  { run, signal }: RunPlace,
  wanted: Wanted = 'needed',
) {
  try {
    const query = { labelSelector: `${LABEL.run}=${run}` };
    return ItemsSchema.parse(await client.json({ path, query, signal })).items;
  } catch (error) {
    const isNone =
      error instanceof ApiError &&
      (error.status === 404 || (error.status === 403 && wanted === 'where allowed'));
    if (isNone) return [];
    throw error;
  }
}
