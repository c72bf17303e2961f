import { z } from 'zod';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';
import { LABEL } from '../../../orchestrator/render/keys.ts';
import type { Manifest } from '../../../orchestrator/render/manifest.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient, JsonObject } from './client.ts';
import { placeOf } from './places.ts';

export const FIELD_MANAGER = 'stint';

const ObjectSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
    managedFields: z.array(z.object({ manager: z.string().default('') })).default([]),
  }),
});

/**
 * Creates the object by server-side apply unless it is there. One that is there is left as it is: a queue has changed it
 * meanwhile (it admits a Job by clearing `suspend`), and applying the manifest again would take that back.
 *
 * @throws StintError `cluster-conflict` when the name is taken by something else, `being-deleted`; ApiError
 */
export async function applyObject(
  client: ApiClient,
  manifest: Manifest,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<void> {
  const path = placeOf(manifest, namespace);
  const there = async () => read(client, path, signal);
  const existing = await there();
  if (existing) return requireOurs(existing, manifest);
  try {
    await client.json({
      method: 'PATCH',
      path,
      // Strict: a field that this server does not know is an error, not a loss.
      query: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
      signal,
    });
  } catch (error) {
    // Another process was quicker, and a controller has taken over a field since.
    const quicker = error instanceof ApiError && error.status === 409 ? await there() : undefined;
    if (!quicker) throw error;
    requireOurs(quicker, manifest);
  }
}

/** The object at a path; undefined when there is none. */
export async function read(
  client: ApiClient,
  path: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    return await client.json({ path, signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function requireOurs(existing: JsonObject, { kind, metadata: { name, labels = {} } }: Manifest): void {
  const { metadata } = ObjectSchema.parse(existing);
  const [run, holder] = [labels[LABEL.run], metadata.labels[LABEL.run]];
  if (run !== holder)
    throw new StintError({
      code: 'cluster-conflict',
      where: `${kind} ${name}`,
      what: `the cluster has a ${kind} "${name}" already, of ${holder === undefined ? 'no run' : `the run ${holder}`}${ownersText(metadata.managedFields)}`,
      why: `it would be made for the run ${run}`,
      todo: 'remove it if it is a leftover, or use another namespace',
    });
  if (metadata.deletionTimestamp !== undefined)
    throw new StintError({
      code: 'being-deleted',
      where: `${kind} ${name}`,
      what: `the ${kind} "${name}" is being deleted since ${metadata.deletionTimestamp}`,
      todo: 'wait until it is gone; its pods end first, and finalizers hold it until their controllers let go',
    });
}

/** Who has set its fields, as the API server keeps it. */
function ownersText(fields: readonly { readonly manager: string }[]): string {
  const names = [...new Set(fields.map(({ manager }) => manager))].filter(Boolean);
  return names.length === 0
    ? ''
    : `; its fields are set by ${names.map((name) => `"${name}"`).join(' and ')}`;
}
