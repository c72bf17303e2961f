import type { DurationPart, Plan } from '../plan/plan.ts';
import { formatBytes, formatDuration, formatFigure, formatInteger } from '../units/format.ts';
import type { Fact } from './render/facts.ts';

/** A line for each part of the time that devices are held for training; one that takes none is left out. */
export function durationFacts(plan: Plan): readonly Fact[] {
  const { parts, partBounds, startupSeconds, stepSeconds } = plan.duration;
  if (parts === undefined || partBounds === undefined)
    return [
      ['  start-up', formatDuration(startupSeconds)],
      ['  steps', `${formatFigure(stepSeconds)} s each`],
    ];
  return LINES.filter(([part]) => parts[part] > 0).map(([part, label, what]) => {
    const { low, high } = partBounds[part];
    const time = `${formatDuration(parts[part])} (${formatDuration(low)} to ${formatDuration(high)})`;
    return [`  ${label}`, `${time}: ${what(plan)}`];
  });
}

const LINES: readonly (readonly [part: DurationPart, label: string, what: (plan: Plan) => string])[] = [
  ['startup', 'start-up', () => 'from a bound pod until its processes run'],
  ['preflight', 'preflight', () => 'products, ring and disk are measured'],
  [
    'load',
    'load',
    () => 'weights are read, from while torch is imported on, as fast as the work volume gives them',
  ],
  ['compile', 'compile', () => 'blocks, once for each way to recompute, what the load does not hide'],
  [
    'steps',
    'steps',
    ({ steps, duration }) => `${formatInteger(steps)} of ${formatFigure(duration.stepSeconds)} s`,
  ],
  [
    'checkpoint',
    'checkpoint',
    ({ checkpoints }) =>
      checkpoints === undefined
        ? 'what training waits for'
        : `what training waits for; the last one holds ${formatBytes(checkpoints.lastBytes)} of weights, written as fast as the work volume takes them`,
  ],
];
