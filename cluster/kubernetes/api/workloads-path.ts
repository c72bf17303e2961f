import { KUEUE } from '../../../orchestrator/doctor/checks/check-apis.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient } from './client.ts';

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
  for (const version of KUEUE.versions) {
    const group = `/apis/${KUEUE.group}/${version}`;
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
      where: 'backend.queue',
      what: 'the profile names a queue, and the cluster has no Kueue that this version of Stint knows',
      why: `it knows ${KUEUE.group}/${KUEUE.versions.join(' and ')}`,
      todo: 'install Kueue, or take the queue out of the profile',
    },
    { status: 404, passing: false },
  );
}
