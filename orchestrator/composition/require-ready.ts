import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { CHECKOUT } from './checkout.ts';
import type { HostProcess } from './host-process.ts';

/** @throws StintError when nothing can be launched on that cluster from here, and why. */
export async function requireReady(
  profile: ClusterProfile,
  { interrupt: signal, output: { tell } }: HostProcess,
): Promise<void> {
  if (profile.backend.kind === 'local') {
    const { requirePython } = await import('../documents/require-python.ts');
    return requirePython(CHECKOUT);
  }
  const { requireCluster } = await import('../../cluster/kubernetes/inspect/require-cluster.ts');
  const { backend } = profile;
  await requireCluster(profile, backend, { signal, tell });
}
