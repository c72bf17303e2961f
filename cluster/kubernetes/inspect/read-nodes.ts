import { z } from 'zod';
import type { NodeFinding } from '../../../orchestrator/doctor/cluster-findings.ts';
import type { Found } from '../../../orchestrator/doctor/found.ts';
import { kubernetesQuantity } from '../../../orchestrator/units/kubernetes-quantity.ts';
import type { ApiClient } from '../api/client.ts';
import { listAll } from '../api/list-all.ts';

const NodeSchema = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  spec: z
    .object({
      unschedulable: z.boolean().default(false),
      taints: z
        .array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() }))
        .default([]),
    })
    .prefault({}),
  status: z
    .object({
      allocatable: z.record(z.string(), z.string()).default({}),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

/** Every node of the cluster. */
export const readNodes = (client: ApiClient, signal: AbortSignal): Promise<Found<readonly NodeFinding[]>> =>
  listAll(client, { path: '/api/v1/nodes', signal }, (item) => {
    const { metadata, spec, status } = NodeSchema.parse(item);
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    const isReady = ready?.status === 'True';
    return {
      ...metadata,
      ready: isReady,
      notReadyWhy: isReady ? '' : ready?.message || ready?.reason || 'it has not reported yet',
      cordoned: spec.unschedulable,
      taints: spec.taints,
      allocatable: Object.fromEntries(
        Object.entries(status.allocatable).map(([name, text]) => [name, kubernetesQuantity(text)]),
      ),
    };
  });
