import { letObjectGo, remove } from '../../cluster/kubernetes/act/settle.ts';
import { apiClient, type JsonObject } from '../../cluster/kubernetes/api/client.ts';
import { loadConfig } from '../../cluster/kubernetes/api/load-config.ts';
import { configsIn, ownersIn, podsIn, servicesIn } from '../../cluster/kubernetes/api/places.ts';
import { kubernetesCluster } from '../../cluster/kubernetes/kubernetes-cluster.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { ClusterUnderTest } from '../cluster/contract.ts';
import { REAL } from './profile.ts';

export const testClient = () => apiClient(() => loadConfig(undefined));

/** An adapter of its own for the test cluster; closing it removes all that runs have left in its namespace. */
export async function openKubernetes(
  profile: ClusterProfile = REAL,
): Promise<ClusterUnderTest & { readonly profile: ClusterProfile; readonly said: readonly string[] }> {
  const { backend, device } = profile;
  if (backend.kind !== 'kubernetes') throw new Error(`${profile.name} is no Kubernetes`);
  const said: string[] = [];
  const cluster = kubernetesCluster({
    backend,
    deviceResource: device.resource,
    say: (what) => said.push(what),
  });
  return { cluster, profile, said, close: () => removeRuns(backend.namespace) };
}

/** Everything of every run in the namespace, whoever waits for it. */
async function removeRuns(namespace: string): Promise<void> {
  const owners = (['trainjob', 'jobset', 'job'] as const).map((owner) => ownersIn(owner, namespace));
  for (const path of [...owners, podsIn(namespace), servicesIn(namespace), configsIn(namespace)])
    await removeAll(path);
}

async function removeAll(path: string): Promise<void> {
  const client = testClient();
  const signal = AbortSignal.timeout(60_000);
  const query = { labelSelector: LABEL.run };
  const { items } = await client.json({ path, query, signal });
  for (const { metadata } of items as readonly (JsonObject & { readonly metadata: { name: string } })[]) {
    await remove(client, `${path}/${metadata.name}`, signal);
    await letObjectGo(client, `${path}/${metadata.name}`, signal);
  }
}
