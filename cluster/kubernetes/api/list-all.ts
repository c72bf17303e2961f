import { z } from 'zod';
import type { Found } from '../../../orchestrator/doctor/found.ts';
import type { ApiClient, Call } from './client.ts';
import { look } from './look.ts';

const PAGE = 500;

const ListSchema = z.object({
  metadata: z.object({ continue: z.string().default('') }).prefault({}),
  items: z.array(z.unknown()).default([]),
});

/** All items of a list, page by page, so that a large cluster's list is never asked for in one answer. */
export async function listAll<T>(
  client: ApiClient,
  call: Call,
  read: (item: unknown) => T,
): Promise<Found<readonly T[]>> {
  const all: T[] = [];
  for (let next = ''; ; ) {
    const query = { ...call.query, limit: PAGE, ...(next === '' ? {} : { continue: next }) };
    const page = await look(client, { ...call, query }, (answer) => ListSchema.parse(answer));
    if (page.is !== 'there') return page;
    all.push(...page.value.items.map(read));
    next = page.value.metadata.continue;
    if (next === '') return { is: 'there', value: all };
  }
}
