import { z } from 'zod';
import { parseJson } from '../wire/parse-json.ts';

const ProgressSchema = z.object({ what: z.string(), done: z.number(), total: z.number().nullable() });

/** How far the reader is. */
export type InspectionProgress = z.infer<typeof ProgressSchema>;

/** A line that it says is progress, or something else: then undefined. */
export function parseProgress(line: string): InspectionProgress | undefined {
  if (!line.startsWith('{')) return undefined;
  return ProgressSchema.safeParse(parseJson(line)).data;
}
