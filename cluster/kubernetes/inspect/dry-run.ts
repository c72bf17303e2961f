import { z } from 'zod';
import type { DryRun } from '../../../orchestrator/doctor/cluster-findings.ts';
import type { DryRunObject } from '../../../orchestrator/doctor/dry-run-objects.ts';
import { ApiError } from '../api/api-error.ts';
import { FIELD_MANAGER } from '../api/apply.ts';
import type { ApiClient } from '../api/client.ts';
import { placeOf, podsIn } from '../api/places.ts';

const HeldSchema = z.object({ spec: z.object({ suspend: z.boolean().default(false) }).prefault({}) });

/** Applies the object with every check and webhook of the server, but for storing it. */
export async function dryRun(
  client: ApiClient,
  { manifest, queued }: DryRunObject,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<DryRun> {
  const { kind, metadata } = manifest;
  const path = kind === 'Pod' ? `${podsIn(namespace)}/${metadata.name}` : placeOf(manifest, namespace);
  try {
    const answer = await client.json({
      method: 'PATCH',
      path,
      query: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', dryRun: 'All', force: true },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
      signal,
    });
    return queued ? { kind, heldBack: HeldSchema.parse(answer).spec.suspend } : { kind };
  } catch (error) {
    const [refused] = error instanceof ApiError ? error.problems : [];
    if (refused === undefined) throw error;
    return { kind, refused };
  }
}
