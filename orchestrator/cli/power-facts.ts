import type { BenchmarkPower, Plan } from '../plan/plan.ts';
import { counted } from '../units/counted.ts';
import { formatFigure, formatInteger, formatMoney } from '../units/format.ts';
import type { Fact } from './render/facts.ts';

/** Whoever compares on thirty questions should know beforehand what thirty questions can say, and what more would cost. */
export function powerFacts({ power = [] }: Plan): readonly Fact[] {
  return power
    .flatMap((each) => [canTell(each), ...withMore(each)])
    .map((text, index) => [index === 0 ? 'can tell' : '', text]);
}

function canTell({ benchmark, questions, samples = 1, smallestDifference }: BenchmarkPower): string {
  const answered = samples === 1 ? 'answered once' : `answered ${formatInteger(samples)} times`;
  if (smallestDifference === null)
    return `no difference by ${benchmark}, whose ${counted(questions, 'question')} can tell none`;
  return `differences from ${points(smallestDifference)} points by ${benchmark} (${counted(questions, 'question')}, ${answered}), in 80 of 100 cases`;
}

/** Of plans of old and of what nobody has counted, nothing. */
function withMore({ samples = 1, atSamples = [] }: BenchmarkPower): readonly string[] {
  const more = atSamples
    .filter((each) => each.samples > samples && each.smallestDifference !== null)
    .map(
      ({ samples: times, smallestDifference, deviceHours, cost, currency }) =>
        `${points(smallestDifference ?? 1)} at ${formatInteger(times)} (${formatFigure(deviceHours)} device-hours${cost === undefined || currency === undefined ? '' : `, ${formatMoney(cost, currency)}`})`,
    );
  return more.length === 0 ? [] : [`  with more answers to each: ${more.join(', ')}`];
}

/** A tenth of a point matters where differences are that small. */
const points = (share: number): string => (100 * share).toFixed(share < 0.1 ? 1 : 0);
