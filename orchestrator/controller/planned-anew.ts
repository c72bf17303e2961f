import type { Plan } from '../plan/plan.ts';
import { trains } from '../plan/stages.ts';
import { formatFigure, formatInteger, formatMoney } from '../units/format.ts';

/** What prepare's data has made of a plan that was announced; null where both say the same in the figures shown. */
export function plannedAnew(launched: Plan, reviewed: Plan): string | null {
  const [before, now] = [figures(launched), figures(reviewed)];
  if (before === now) return null;
  const was =
    trains(launched) && launched.basis === 'none'
      ? 'nothing was known of it at launch'
      : `announced were ${before}`;
  return `planned again from the prepared data: ${now}; ${was}`;
}

const figures = (plan: Plan): string => (trains(plan) ? `${steps(plan)}, ${price(plan)}` : price(plan));

const steps = ({ samples, steps: number }: Plan): string =>
  `${formatInteger(samples)} samples, ${formatInteger(number)} steps`;

const price = ({ gpuHours, cost }: Plan): string =>
  `${formatFigure(gpuHours.expected)} device-hours (${formatFigure(gpuHours.low)} to ${formatFigure(gpuHours.high)}), ${formatMoney(cost.expected, cost.currency)}`;
