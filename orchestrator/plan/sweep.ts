import { z } from 'zod';
import { isStintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Calibration, CalibrationOf } from './calibration.ts';
import type { Evidence, EvidenceOf } from './evidence.ts';
import { kneeOf } from './knee.ts';
import { dataLengths } from './lengths.ts';
import { makePlan } from './make-plan.ts';
import type { Plan } from './plan.ts';

const Interval = { expected: z.number(), low: z.number(), high: z.number() };

const SweepPointSchema = z.object({
  /** Of the field that is swept. */
  value: z.unknown(),
  truncatedShare: z.number(),
  /** Null where it is not known. */
  truncatedTraceShare: z.number().nullable(),
  gpuHours: z.object(Interval),
  cost: z.object({ currency: z.string(), ...Interval }),
  memory: z.object({ perGpuBytes: z.number(), capacityBytes: z.number() }),
  stepSeconds: z.number(),
  /** Why a launch with it would be refused, besides what refuses every value; empty where it would not. */
  refused: z.array(z.string()),
});
export type SweepPoint = z.infer<typeof SweepPointSchema>;

/** What a recipe takes for each value of one field, before any run. */
export const SweepSchema = z.object({
  recipe: z.string(),
  cluster: z.string(),
  factor: z.string(),
  points: z.array(SweepPointSchema),
  /** Why a launch would be refused whatever the value. */
  refused: z.array(z.string()),
  /** Values of which there is no plan at all, and why. */
  impossible: z.array(z.object({ value: z.unknown(), why: z.string() })),
  /** Tokens of the longest sample: the shortest sequence that truncates nothing; null where lengths are not known. */
  longestSample: z.int().nullable(),
  /** Place in `points` of the cheapest one that truncates nothing, and of the knee of truncation over values. */
  whole: z.int().nullable(),
  knee: z.int().nullable(),
  /** The recipe refuses samples that are too long; here their ends are taken for cut, to see what that would cost. */
  truncates: z.boolean(),
});
export type Sweep = z.infer<typeof SweepSchema>;

export interface SweepVariant {
  readonly value: unknown;
  readonly recipe: FineTune;
  readonly recipeDigest: string;
}

/** @param base - The recipe as it stands. */
export function makeSweep(
  base: FineTune,
  factor: string,
  variants: readonly SweepVariant[],
  profile: ClusterProfile,
  calibrationOf: CalibrationOf,
  evidenceOf: EvidenceOf = () => undefined,
): Sweep {
  const points: SweepPoint[] = [];
  const impossible: Sweep['impossible'] = [];
  for (const variant of variants) {
    const planned = planOf(variant, profile, calibrationOf(variant.recipe), evidenceOf(variant.recipe));
    if (typeof planned === 'string') impossible.push({ value: variant.value, why: planned });
    else points.push(pointOf(variant.value, planned));
  }
  const refused = refusingAll(points);
  const { basis, longest } = dataLengths(base, evidenceOf(base));
  const known = basis !== 'none';
  // Where nothing is ever cut, it is no merit of a value.
  const cuts = points.some(({ truncatedShare }) => truncatedShare > 0);
  const whole = points
    .map((point, index) => ({ index, ...point }))
    .filter(({ truncatedShare }) => cuts && truncatedShare === 0)
    .toSorted((a, b) => a.gpuHours.expected - b.gpuHours.expected || a.index - b.index)[0];
  return {
    recipe: base.name,
    cluster: profile.name,
    factor,
    points: points.map((point) => ({
      ...point,
      refused: point.refused.filter((why) => !refused.includes(why)),
    })),
    refused,
    impossible,
    longestSample: known ? longest : null,
    whole: whole?.index ?? null,
    knee: kneeOfTruncation(points),
    truncates: base.dataset.overLength === 'refuse',
  };
}

/** What does not depend on the value is no property of the curve. */
function refusingAll([first, ...others]: readonly SweepPoint[]): string[] {
  if (first === undefined || others.length === 0) return [];
  return first.refused.filter((why) => others.every(({ refused }) => refused.includes(why)));
}

/** Fields that are no numbers have no order in which truncation could fall. */
function kneeOfTruncation(points: readonly SweepPoint[]): number | null {
  const numbers = points.flatMap(({ value, truncatedShare }) =>
    typeof value === 'number' ? [{ x: value, loss: truncatedShare }] : [],
  );
  return numbers.length === points.length ? kneeOf(numbers) : null;
}

function planOf(
  { recipe, recipeDigest }: SweepVariant,
  profile: ClusterProfile,
  calibration: Calibration,
  evidence: Evidence | undefined,
): Plan | string {
  try {
    return makePlan(recipe, recipeDigest, profile, evidence, calibration);
  } catch (error) {
    if (!isStintError(error)) throw error;
    return error.problems.map(({ what }) => what).join('; ');
  }
}

const pointOf = (value: unknown, plan: Plan): SweepPoint => ({
  value,
  truncatedShare: plan.truncatedShare,
  truncatedTraceShare: plan.truncatedTraceShare,
  gpuHours: plan.gpuHours,
  cost: plan.cost,
  memory: { perGpuBytes: plan.memory.perGpuBytes, capacityBytes: plan.memory.capacityBytes },
  stepSeconds: plan.duration.stepSeconds,
  refused: plan.verdicts.filter(({ ok, refuses }) => !ok && refuses).map(({ message }) => message),
});
