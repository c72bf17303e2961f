import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../documents/cache-folder.ts';
import { digestOf } from '../documents/digest.ts';
import { type KeptAnswers, keptAnswers } from '../documents/kept-answers.ts';
import type { Plan } from '../plan/plan.ts';
import type { RehearsalRequest } from '../wire/rehearsal.ts';
import type { CliContext } from './context.ts';

/** What is remembered of a rehearsal. */
const KeptRehearsalSchema = z.object({ code: z.string(), peakBytes: z.number(), passed: z.boolean() });
type KeptRehearsal = z.infer<typeof KeptRehearsalSchema>;

export const keptRehearsals = (home: string): KeptAnswers<KeptRehearsal> =>
  keptAnswers(join(cacheFolder(home), 'rehearsals'), KeptRehearsalSchema);

/** Of all that decides how steps run: neither the run's name nor how fast its machines are expected to be. */
export function keyOfRehearsal({ spec, vocabularySize, rows }: RehearsalRequest): string {
  const { world, device, sequenceParallel, sharding, recipe } = spec;
  const { compute, asPublished, globalBatch } = recipe.training;
  const { architecture } = recipe.model;
  return digestOf({
    world,
    device,
    sequenceParallel,
    sharding,
    compute,
    asPublished,
    globalBatch,
    architecture,
    vocabularySize,
    rows,
  });
}

/** Whether such steps were rehearsed from here, and with which code. */
export async function rehearsalKept(
  request: RehearsalRequest,
  { home, rehearser }: Pick<CliContext, 'home' | 'rehearser'>,
): Promise<Plan['rehearsal']> {
  const found = await keptRehearsals(home).find(keyOfRehearsal(request));
  if (found === undefined) return null;
  return { ...found, isCurrent: found.code === (await rehearser.digest()) };
}
