import { z } from 'zod';
import { ApiError } from '../api/api-error.ts';
import { read } from '../api/apply.ts';
import { pause } from '../api/back-off.ts';
import type { ApiClient, JsonObject } from '../api/client.ts';
import { workloadsPath } from '../api/workloads-path.ts';
import { isFinished, ownerObjectOf, QUEUE_NAME } from '../objects/job-state.ts';
import { JOB_UID } from '../objects/workload.ts';

const WorkloadsSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Kueue makes a Workload for a Job within a second. */
const TRIES = 20;
const BETWEEN_TRIES_MS = 500;

interface Held {
  readonly namespace: string;
  /** Where jobs of the kind in use lie. */
  readonly jobs: string;
  readonly signal: AbortSignal;
}

/**
 * Sees to it that the job makes no pod any more. It is suspended, not deleted: it stays as the record of its attempt,
 * and its controller sees its pods' ends. A suspension of a job that a queue has admitted would be taken back by the queue, so
 * there the Workload is deactivated, and Kueue suspends the job.
 */
export async function holdBack(client: ApiClient, object: JsonObject, held: Held): Promise<void> {
  const { metadata, spec, status } = ownerObjectOf(object);
  if (isFinished(status.conditions)) return;
  if (metadata.labels[QUEUE_NAME] !== undefined) return deactivate(client, metadata.uid, held);
  if (!spec.suspend) await merge(client, `${held.jobs}/${metadata.name}`, { spec: { suspend: true } }, held);
}

/** By name; a job that is not there makes no pods. */
export async function holdBackByName(client: ApiClient, name: string, held: Held): Promise<void> {
  const job = await read(client, `${held.jobs}/${name}`, held.signal);
  if (job) await holdBack(client, job, held);
}

async function deactivate(client: ApiClient, jobUid: string, held: Held): Promise<void> {
  const path = await workloadsPath(client, held.namespace, held.signal);
  const query = { labelSelector: `${JOB_UID}=${jobUid}` };
  for (let tries = 0; tries < TRIES; tries++) {
    const { items } = WorkloadsSchema.parse(await client.json({ path, query, signal: held.signal }));
    for (const { metadata } of items)
      await merge(client, `${path}/${metadata.name}`, { spec: { active: false } }, held);
    if (items.length > 0) return;
    await pause(BETWEEN_TRIES_MS, held.signal);
    held.signal.throwIfAborted();
  }
  throw new ApiError(
    {
      code: 'no-workload',
      where: held.namespace,
      what: 'the job waits in a queue, but Kueue has made no Workload for it, so the wait cannot be ended',
      todo: 'see that Kueue runs and that this queue exists (`kubectl get localqueue`), then stop the run again',
    },
    { status: 404, passing: false },
  );
}

async function merge(client: ApiClient, path: string, body: JsonObject, { signal }: Held): Promise<void> {
  try {
    await client.json({
      method: 'PATCH',
      path,
      // Not the manager of apply: the manifest does not own what is changed here.
      query: { fieldManager: 'stint-stop' },
      contentType: 'application/merge-patch+json',
      body,
      signal,
    });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
