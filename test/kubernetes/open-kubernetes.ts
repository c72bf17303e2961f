import { apiClient } from '../../cluster/kubernetes/client.ts';
import { kubernetesCluster } from '../../cluster/kubernetes/kubernetes-cluster.ts';
import { loadConfig } from '../../cluster/kubernetes/load-config.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { ClusterUnderTest } from '../cluster/contract.ts';
import { REAL } from './profile.ts';

export const testClient = () => apiClient(() => loadConfig(undefined));

/** An adapter of its own for the test cluster; closing it deletes the jobs of all runs. */
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
  const close = async () => {
    const signal = AbortSignal.timeout(60_000);
    const query = { labelSelector: LABEL.run, gracePeriodSeconds: 1, propagationPolicy: 'Background' };
    for (const path of [
      `/apis/batch/v1/namespaces/${backend.namespace}/jobs`,
      `/api/v1/namespaces/${backend.namespace}/pods`,
      `/api/v1/namespaces/${backend.namespace}/configmaps`,
    ])
      await testClient().json({ method: 'DELETE', path, query, signal });
    // Services of a selector cannot be deleted at once on all servers of the supported versions.
    const services = `/api/v1/namespaces/${backend.namespace}/services`;
    const { items } = (await testClient().json({
      path: services,
      query: { labelSelector: LABEL.run },
      signal,
    })) as { items: readonly { metadata: { name: string } }[] };
    for (const { metadata } of items)
      await testClient().json({ method: 'DELETE', path: `${services}/${metadata.name}`, signal });
  };
  return { cluster, profile, said, close };
}
