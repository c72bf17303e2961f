import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { split } from '../../orchestrator/plan/split.ts';

/** The trainer's own cases: trainer/tests/test_plan.py holds `plan.split` to the same file. */
const CASES = z
  .array(
    z.object({
      why: z.string(),
      samples: z.array(z.number()),
      costs: z.array(z.number()),
      groups: z.number(),
      split: z.array(z.array(z.number())),
    }),
  )
  .min(1)
  .parse(JSON.parse(readFileSync('trainer/tests/golden/splits.json', 'utf8')));

describe('a step is split over groups as the trainer splits it', () => {
  it.each(CASES)('$why', ({ samples, costs, groups, split: expected }) => {
    expect(split(costs, groups).map((places) => places.map((place) => samples[place]))).toEqual(expected);
  });
});
