import { z } from 'zod';
import { LABEL } from '../../../orchestrator/render/keys.ts';
import type { ApiClient } from '../api/client.ts';

const PAGE = 500;

const LabelledSchema = z.object({
  metadata: z.object({ continue: z.string().default('') }).prefault({}),
  items: z
    .array(z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) }))
    .default([]),
});

/**
 * Ids of the runs that objects of these kinds are labelled with, in order.
 *
 * @param paths - Of the kinds.
 * @throws ApiError when they may not be listed, or the API server does not answer.
 */
export async function runsThere(
  client: ApiClient,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const runs = new Set<string>();
  for (const path of paths)
    for (let next: string | undefined = ''; next !== undefined; ) {
      const query = { labelSelector: LABEL.run, limit: PAGE, ...(next === '' ? {} : { continue: next }) };
      const { metadata, items } = LabelledSchema.parse(await client.json({ path, query, signal }));
      for (const { metadata: of } of items) runs.add(of.labels[LABEL.run] ?? '');
      next = metadata.continue === '' ? undefined : metadata.continue;
    }
  return [...runs].toSorted();
}
