import type { AblationPlan, Plan } from '../plan/plan.ts';
import { trains } from '../plan/stages.ts';
import { formatDeviceTime, formatDuration, formatMoney } from '../units/format.ts';
import { HOUR_MILLISECONDS } from '../units/hour.ts';

/** What a plan takes, in one line. */
export function planSummary(whole: Plan | AblationPlan, plans: readonly Plan[]): string {
  const seconds = plans.reduce((sum, plan) => sum + plan.duration.expectedSeconds, 0);
  const evaluates = plans.some((plan) => plan.stages?.some(({ name }) => name === 'evaluate'));
  const isTraining = plans.some(trains);
  const time = formatDeviceTime(whole.gpuHours.expected * HOUR_MILLISECONDS);
  const arms = 'arms' in whole ? `, ${whole.arms.length} arms of ${whole.factor}` : '';
  const money = formatMoney(whole.cost.expected, whole.cost.currency);
  return `${whole.recipe} on ${whole.cluster}${arms}: about ${formatDuration(seconds)} of ${isTraining ? 'training' : 'evaluation'}, ${time}${evaluates && isTraining ? ' with its evaluation' : ''}, ${money}`;
}
