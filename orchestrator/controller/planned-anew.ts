import type { Plan } from '../plan/plan.ts';
import { formatFigure, formatInteger, formatMoney } from '../units/format.ts';

/** What prepare's data has made of a plan that was announced; null where both say the same in the figures shown. */
export function plannedAnew(launched: Plan, reviewed: Plan): string | null {
  const [before, now] = [figures(launched), figures(reviewed)];
  if (before === now) return null;
  const was = launched.basis === 'none' ? 'nothing was known of it at launch' : `announced were ${before}`;
  return `planned again from the prepared data: ${now}; ${was}`;
}

const figures = ({ samples, steps, gpuHours, cost }: Plan): string =>
  `${formatInteger(samples)} samples, ${formatInteger(steps)} steps, ${formatFigure(gpuHours.expected)} device-hours (${formatFigure(gpuHours.low)} to ${formatFigure(gpuHours.high)}), ${formatMoney(cost.expected, cost.currency)}`;
