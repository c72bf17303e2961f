import { ApiError } from './api-error.ts';
import type { ApiClient } from './client.ts';

/** Newest first: Kueue 0.15 and later, and before. */
const VERSIONS = ['v1beta2', 'v1beta1'];

/**
 * Where this cluster's Kueue keeps its Workloads.
 *
 * @throws ApiError `no-kueue` where it has none
 */
export async function workloadsPath(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<string> {
  for (const version of VERSIONS) {
    const group = `/apis/kueue.x-k8s.io/${version}`;
    try {
      await client.json({ path: group, signal });
      return `${group}/namespaces/${namespace}/workloads`;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }
  throw new ApiError(
    {
      code: 'no-kueue',
      blame: 'input',
      where: 'backend.queue',
      what: 'the profile names a queue, and the cluster has no Kueue that this version of Stint knows',
      why: `it knows kueue.x-k8s.io/${VERSIONS.join(' and ')}`,
      todo: 'install Kueue, or take the queue out of the profile',
    },
    { status: 404, passing: false },
  );
}
