import { z } from 'zod';
import { FINALIZER } from '../../../orchestrator/render/keys.ts';
import { ApiError } from '../api/api-error.ts';
import { read } from '../api/apply.ts';
import type { ApiClient } from '../api/client.ts';
import { isFinished, ownerObjectOf } from '../objects/job-state.ts';

const HeldSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), finalizers: z.array(z.string()).default([]) }),
});

/** Controllers change an object at any time; a version that is too old is read again. */
const TRIES = 10;

/** The object's usage is in the ledger: nothing of ours keeps it any more. One that is gone is as wanted. */
export async function letObjectGo(client: ApiClient, path: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    const object = await read(client, path, signal);
    if (object === undefined) return;
    const { resourceVersion, finalizers } = HeldSchema.parse(object).metadata;
    if (!finalizers.includes(FINALIZER)) return;
    // With the version in it the patch is refused where somebody else has changed the list meanwhile.
    const body = {
      metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== FINALIZER) },
    };
    try {
      await client.json({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body, signal });
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return;
      if (error.status !== 409 || tries === TRIES) throw error;
    }
  }
}

/**
 * Sees to it that a settled job does not stay for ever. One that has not finished by itself never would, and a TrainJob has no
 * time limit after its end: these are removed, and what they made with them. A JobSet or a Job that has finished stays for
 * as long as its own limit says. Our finalizer keeps the record; its controllers make no pods for it any more.
 */
export async function endJob(client: ApiClient, path: string, signal: AbortSignal): Promise<void> {
  const object = await read(client, path, signal);
  if (object === undefined) return;
  const { kind, status } = ownerObjectOf(object);
  if (kind === 'TrainJob' || !isFinished(status.conditions)) await remove(client, path, signal);
}

const LabelledSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
});

/** What has a run's or a job's name and does not carry its label is somebody else's, and stays. */
export async function removeOwn(
  client: ApiClient,
  path: string,
  [label, value]: readonly [label: string, value: string],
  signal: AbortSignal,
): Promise<void> {
  const object = await read(client, path, signal);
  if (object === undefined || LabelledSchema.parse(object).metadata.labels[label] !== value) return;
  await remove(client, path, signal);
}

/** With all that it made; nothing happens where there is nothing. */
export async function remove(client: ApiClient, path: string, signal: AbortSignal): Promise<void> {
  try {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
    await client.json({ method: 'DELETE', path, body, contentType: 'application/json', signal });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
