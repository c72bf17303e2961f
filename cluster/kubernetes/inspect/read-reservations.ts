import { z } from 'zod';
import type { Found } from '../../../orchestrator/doctor/found.ts';
import type { QuotaReservation } from '../../../orchestrator/doctor/node-use.ts';
import { kubernetesQuantity } from '../../../orchestrator/units/kubernetes-quantity.ts';
import { ApiError } from '../api/api-error.ts';
import type { ApiClient, JsonObject } from '../api/client.ts';
import { listAll } from '../api/list-all.ts';
import { workloadsPath } from '../api/workloads-path.ts';
import { holds } from '../objects/condition.ts';
import { workloadOf } from '../objects/workload.ts';

const OwnedSchema = z.object({
  metadata: z.object({
    ownerReferences: z.array(z.object({ name: z.string() })).default([]),
  }),
  status: z
    .object({
      admission: z
        .object({
          podSetAssignments: z
            .array(z.object({ resourceUsage: z.record(z.string(), z.string()).default({}) }))
            .default([]),
        })
        .nullish(),
    })
    .prefault({}),
});

/** A stage's job is called after its run: `r-0k9f2m4t81xq-train-a1`. */
const RUN_OF_JOB = /^(r-[0-9a-z]+)-/;

/** Quota that Kueue holds for our jobs in a namespace; none where there is no Kueue. */
export async function readReservations(
  client: ApiClient,
  namespace: string,
  deviceResource: string | undefined,
  signal: AbortSignal,
): Promise<Found<readonly QuotaReservation[]>> {
  const path = await workloadsPath(client, namespace, signal).catch((error: unknown) => {
    if (error instanceof ApiError) return null;
    throw error;
  });
  if (path === null) return { is: 'there', value: [] };
  const found = await listAll(client, { path, signal }, (item) =>
    reservationOf(item, namespace, deviceResource),
  );
  return found.is === 'there' ? { ...found, value: found.value.flat() } : found;
}

function reservationOf(
  item: unknown,
  namespace: string,
  deviceResource = 'cpu',
): readonly QuotaReservation[] {
  const { metadata, status } = workloadOf(item as JsonObject);
  const owned = OwnedSchema.parse(item);
  const reserved = holds(status.conditions, 'QuotaReserved');
  const run = RUN_OF_JOB.exec(owned.metadata.ownerReferences[0]?.name ?? '')?.[1];
  if (!reserved || run === undefined || holds(status.conditions, 'Finished')) return [];
  const sets = owned.status.admission?.podSetAssignments ?? [];
  const devices = sets.reduce(
    (sum, { resourceUsage }) => sum + kubernetesQuantity(resourceUsage[deviceResource] ?? '0'),
    0,
  );
  const since = reserved.lastTransitionTime ?? metadata.creationTimestamp;
  return [{ name: metadata.name, namespace, run, devices, since }];
}
