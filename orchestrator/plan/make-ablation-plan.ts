import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Ablation } from '../recipe/ablation.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { type CalibrationOf, UNCALIBRATED } from './calibration.ts';
import type { EvidenceOf } from './evidence.ts';
import { makePlan } from './make-plan.ts';
import type { AblationPlan, Plan, Verdict } from './plan.ts';
import type { PlannedInputs } from './planned-inputs.ts';

export interface PlannedArm {
  readonly name: string;
  readonly value: unknown;
  readonly recipe: FineTune;
  readonly recipeDigest: string;
  /** What it reads, by content, where that was looked at. */
  readonly pinned?: PlannedInputs;
}

/**
 * One plan an arm, and their sums. The bounds add up as they are, because the same model errs alike in all arms. A
 * verdict of the whole fails where it fails in any arm.
 *
 * @throws StintError as `makePlan` does.
 */
export function makeAblationPlan(
  ablation: Pick<Ablation, 'name' | 'factor'>,
  recipeDigest: string,
  arms: readonly PlannedArm[],
  profile: ClusterProfile,
  calibrationOf: CalibrationOf = () => UNCALIBRATED,
  evidenceOf: EvidenceOf = () => undefined,
): AblationPlan {
  const planned = arms.map(({ name, value, recipe, recipeDigest: digest, pinned }) => ({
    name,
    value,
    plan: makePlan(recipe, digest, profile, evidenceOf(recipe), calibrationOf(recipe), pinned),
  }));
  const plans = planned.map(({ plan }) => plan);
  return {
    recipe: ablation.name,
    recipeDigest,
    cluster: profile.name,
    factor: ablation.factor,
    inputs: sharedInputs(plans),
    arms: planned,
    gpuHours: sumOf(plans, (plan) => plan.gpuHours),
    cost: { currency: profile.price.currency, ...sumOf(plans, (plan) => plan.cost) },
    verdicts: mergeVerdicts(planned),
  };
}

function sharedInputs(plans: readonly Plan[]): PlannedInputs | null {
  const [first, ...others] = plans.map(({ inputs }) => inputs);
  if (first === undefined) return null;
  const text = canonicalJson(first);
  return others.every((other) => other !== undefined && canonicalJson(other) === text) ? first : null;
}

type Interval = Plan['gpuHours'];

function sumOf(plans: readonly Plan[], of: (plan: Plan) => Interval): Interval {
  const sum = (bound: keyof Interval) => plans.reduce((total, plan) => total + of(plan)[bound], 0);
  return { expected: sum('expected'), low: sum('low'), high: sum('high') };
}

function mergeVerdicts(arms: readonly { readonly name: string; readonly plan: Plan }[]): Verdict[] {
  const names = new Set(arms.flatMap(({ plan }) => plan.verdicts.map(({ name }) => name)));
  return [...names].map((name) => {
    const each = arms.flatMap(({ name: arm, plan }) =>
      plan.verdicts.filter((verdict) => verdict.name === name).map((verdict) => ({ arm, verdict })),
    );
    const failed = each.filter(({ verdict }) => !verdict.ok);
    const told = failed.length > 0 ? failed : each;
    return {
      name,
      ok: failed.length === 0,
      refuses: each.some(({ verdict }) => verdict.refuses),
      message: sayOnce(told.map(({ arm, verdict }) => ({ arm, message: verdict.message }))),
    };
  });
}

/** What holds for all arms alike is said once, without their names. */
function sayOnce(told: readonly { readonly arm: string; readonly message: string }[]): string {
  const [first, ...others] = told;
  if (first && others.length > 0 && others.every(({ message }) => message === first.message))
    return first.message;
  return told.map(({ arm, message }) => `${arm}: ${message}`).join('; ');
}
