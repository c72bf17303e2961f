import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localCluster } from '../../cluster/local/local-cluster.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { ClusterUnderTest } from './contract.ts';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
export const optionsFor = (root: string) => ({
  root,
  checkout: CHECKOUT,
  pythonBin: join(CHECKOUT, '.venv/bin'),
});

/** A local cluster in a folder of its own; closing it ends what it runs and removes the folder. */
export async function openLocal(): Promise<
  ClusterUnderTest & { readonly cluster: Cluster; readonly root: string }
> {
  const root = await mkdtemp(join(tmpdir(), 'stint-local-'));
  const cluster = localCluster(optionsFor(root));
  const close = async () => {
    const runs = await readdir(join(root, 'runs')).catch(() => []);
    for (const run of runs) await cluster.fence(run, { signal: AbortSignal.timeout(30_000) });
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  };
  return { cluster, root, close };
}
