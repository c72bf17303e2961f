import { z } from 'zod';
import { ApiError } from '../api/api-error.ts';
import { read } from '../api/apply.ts';
import type { ApiClient } from '../api/client.ts';
import { ConditionSchema, holds } from '../objects/condition.ts';

const NodeSchema = z.object({
  spec: z.object({ taints: z.array(z.object({ key: z.string() })).default([]) }).prefault({}),
  status: z.object({ conditions: z.array(ConditionSchema).default([]) }).prefault({}),
});

/** By its word the API server ends the pods of a node that does not answer (Kubernetes 1.28, KEP-2268). */
const OUT_OF_SERVICE = {
  key: 'node.kubernetes.io/out-of-service',
  value: 'nodeshutdown',
  effect: 'NoExecute',
};

/**
 * Declares a node to be off. It must not be done to one that may only have lost its network: its processes would go on
 * beside those that take their place. So never to a node that answers.
 *
 * @returns What came of it, for a person; undefined where nothing is to be said: it answers, is gone, or was declared so before.
 */
export async function fenceNode(
  client: ApiClient,
  node: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = `/api/v1/nodes/${node}`;
  try {
    const object = await read(client, path, signal);
    if (object === undefined) return undefined;
    const { spec, status } = NodeSchema.parse(object);
    if (holds(status.conditions, 'Ready') || spec.taints.some(({ key }) => key === OUT_OF_SERVICE.key))
      return undefined;
    const body = { spec: { taints: [OUT_OF_SERVICE] } };
    await client.json({
      method: 'PATCH',
      path,
      // Taints are merged by their keys.
      contentType: 'application/strategic-merge-patch+json',
      query: { fieldManager: 'stint-fence' },
      body,
      signal,
    });
    return `the node ${node} does not answer, and is tainted ${OUT_OF_SERVICE.key} so that its pods count as ended (backend.fenceLostNodes); take the taint off when it is back`;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 403)
      return `the node ${node} could not be tainted as out of service: ${error.message}`;
    return `the node ${node} does not answer, and you may not patch nodes: have somebody taint it ${OUT_OF_SERVICE.key}=${OUT_OF_SERVICE.value}:${OUT_OF_SERVICE.effect} if it is off`;
  }
}
