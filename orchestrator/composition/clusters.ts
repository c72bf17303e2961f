import type { Output } from '../cli/output.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { Log } from '../logging/open-log.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { KubernetesBackend } from '../profile/kubernetes-backend.ts';
import { CHECKOUT, PYTHON_BIN } from './checkout.ts';

/** One adapter for each cluster and namespace; what several runs share is then watched once. */
export function clusters(root: string, log: Log, tell: Output['tell']): Workplace['clusterFor'] {
  const opened = new Map<string, Promise<Cluster>>();
  return ({ backend, device }) => {
    const key = backend.kind === 'local' ? backend.kind : JSON.stringify([backend, device.resource]);
    const open = () =>
      backend.kind === 'local' ? openLocal(root) : openKubernetes(backend, device.resource, { log, tell });
    const cluster = opened.get(key) ?? open();
    opened.set(key, cluster);
    return cluster;
  };
}

async function openLocal(root: string): Promise<Cluster> {
  const { localCluster } = await import('../../cluster/local/local-cluster.ts');
  return localCluster({ root, checkout: CHECKOUT, pythonBin: PYTHON_BIN });
}

async function openKubernetes(
  backend: KubernetesBackend,
  deviceResource: string | undefined,
  { log, tell }: { readonly log: Log; readonly tell: Output['tell'] },
): Promise<Cluster> {
  const { kubernetesCluster } = await import('../../cluster/kubernetes/kubernetes-cluster.ts');
  return kubernetesCluster({ backend, deviceResource, say: (what) => log.warn({}, what), tell });
}
