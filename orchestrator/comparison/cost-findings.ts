import { controlLabel } from '../evaluation/control-name.ts';
import { canBeTold } from '../evaluation/paired-difference.ts';
import { formatMoney } from '../units/format.ts';
import type { ArmDifference, ComparedArm, Finding } from './comparison.ts';

/** What the better arm costs more, for each percentage point that it is better by. */
export function costFindings(
  arms: readonly ComparedArm[],
  differences: readonly ArmDifference[],
  place: (benchmark: string) => string,
): readonly Finding[] {
  if (new Set(arms.map((arm) => arm.currency)).size > 1) {
    const text = 'the runs are priced in different currencies: costs are not compared';
    return [{ about: 'cost', told: false, text }];
  }
  return differences.flatMap((difference): readonly Finding[] => {
    const arm = arms.find(({ name }) => name === difference.arm);
    const reference = arms.find(({ name }) => name === difference.reference);
    if (arm === undefined || reference === undefined) return [];
    const [better, worse] = difference.accuracy.low > 0 ? [arm, reference] : [reference, arm];
    const where = `at ${controlLabel(difference)}${place(difference.benchmark)}`;
    const told = canBeTold(difference.accuracy);
    const text = told
      ? priceOfGain(better, worse, 100 * Math.abs(difference.accuracy.difference), where)
      : `${arm.name} costs ${prices(arm, reference)} of ${reference.name}; no gain in accuracy can be told ${where}`;
    return [{ about: 'cost', told, text }];
  });
}

function priceOfGain(better: ComparedArm, worse: ComparedArm, points: number, where: string): string {
  const extra = better.cost - worse.cost;
  if (extra <= 0) {
    const cheap = `${better.name} costs no more than ${worse.name} (${prices(better, worse)})`;
    return `${cheap} and is more accurate ${where}`;
  }
  const more = `${better.name} costs ${formatMoney(extra, better.currency)} more than ${worse.name}`;
  const each = `${formatMoney(extra / points, better.currency)} for each percentage point gained`;
  return `${more} (${prices(better, worse)}): ${each} ${where}`;
}

function prices(one: ComparedArm, other: ComparedArm): string {
  return `${formatMoney(one.cost, one.currency)} against ${formatMoney(other.cost, other.currency)}`;
}
