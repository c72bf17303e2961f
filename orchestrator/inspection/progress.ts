import { z } from 'zod';

const ProgressSchema = z.object({ what: z.string(), done: z.number(), total: z.number().nullable() });

/** How far the reader is. */
export type InspectionProgress = z.infer<typeof ProgressSchema>;

/** A line that it says is progress, or something else: then undefined. */
export function parseProgress(line: string): InspectionProgress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return ProgressSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
