import type { AblationPlan, Plan, StagePlan, Verdict } from '../plan/plan.ts';
import { trains } from '../plan/stages.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { shortValueText } from '../recipe/value-text.ts';
import {
  formatBytes,
  formatDuration,
  formatFigure,
  formatInteger,
  formatMoney,
  formatPercent,
} from '../units/format.ts';
import { durationFacts } from './duration-facts.ts';
import { powerFacts } from './power-facts.ts';
import { type Fact, renderFacts } from './render/facts.ts';

const INDENT = '  ';
/** What takes less is not worth a line. */
const MINUTE = 60;

/** A plan for a person: what it will take, then what was judged. */
export function printPlan(plan: Plan | AblationPlan, profile: ClusterProfile): string {
  const blocks =
    'arms' in plan
      ? [
          `${plan.recipe} on ${describe(profile)}`,
          `one factor: ${plan.factor}, ${plan.arms.length} arms`,
          ...plan.arms.map(
            (arm) => `\n${arm.name} (${shortValueText(arm.value)})\n${figures(arm.plan, profile)}`,
          ),
          `\nall arms\n${renderFacts(
            [
              ['device time', hours(plan.gpuHours)],
              ['cost', cost(plan.cost)],
            ],
            INDENT,
          )}`,
        ]
      : [`${plan.recipe} on ${describe(profile)}\n${figures(plan, profile)}`];
  return [...blocks, '', ...plan.verdicts.map(verdictLine), '', refusalLine(plan.verdicts)].join('\n');
}

const describe = ({ name, nodes, devicesPerNode, device }: ClusterProfile) =>
  `${name}: ${nodes} × ${devicesPerNode} ${device.model}`;

function figures(plan: Plan, profile: ClusterProfile): string {
  return renderFacts(
    [
      ...(trains(plan) ? trainingFacts(plan, profile) : []),
      ...preparingFacts(plan),
      ...evaluationFacts(plan),
      ...powerFacts(plan),
      ['device time', hours(plan.gpuHours)],
      ...(trains(plan) ? [['rests on', whatItRestsOn(plan)] as const] : []),
      ...rehearsalFacts(plan),
      [
        'cost',
        `${cost(plan.cost)} at ${profile.price.perDeviceHour} ${profile.price.currency} a device-hour (${profile.price.source})`,
      ],
    ],
    INDENT,
  );
}

const interval = ({ expectedSeconds, lowSeconds, highSeconds }: StagePlan['duration']): string =>
  `${formatDuration(expectedSeconds)} (${formatDuration(lowSeconds)} to ${formatDuration(highSeconds)})`;

function trainingFacts(plan: Plan, profile: ClusterProfile): readonly Fact[] {
  const { memory, duration } = plan;
  return [
    [
      'samples',
      `${formatInteger(plan.samples)}, ${formatPercent(plan.truncatedShare)} longer than the sequence length`,
    ],
    ['steps', `${formatInteger(plan.steps)}, the first ${formatInteger(plan.warmupSteps)} warming up`],
    ['tokens', `${formatInteger(plan.tokensPerEpoch)} an epoch`],
    [
      'layout',
      `sequence parallel ${plan.sequenceParallel}, ${formatPercent(plan.idleShare)} of device time idle for imbalance`,
    ],
    ['weights', whereWeightsAre(plan, profile)],
    ['recompute', whatIsRecomputed(plan)],
    ...(plan.changesNumerics ?? []).map(
      ({ field, what }) => ['numerics', `${field} changes numerics: ${what}`] as const,
    ),
    [
      'memory',
      `${formatBytes(memory.perGpuBytes)} of ${formatBytes(memory.capacityBytes)} a device; ${formatBytes(memory.hostBytesPerNode)} of ${formatBytes(memory.hostCapacityBytes)} a node`,
    ],
    ['duration', interval(duration)],
    ...durationFacts(plan),
  ];
}

/** What goes before devices are held, where it is waited for: of a plan that trains nothing there is none but for a hub. */
function preparingFacts(plan: Plan): readonly Fact[] {
  const prepare = plan.stages?.find(({ name }) => name === 'prepare');
  if (prepare === undefined) return [];
  const { duration } = prepare;
  if (!trains(plan)) return [['fetching', `${interval(duration)} from a hub, without a device`]];
  if (duration.expectedSeconds < MINUTE) return [];
  return [['preparing', `${interval(duration)} with the model’s weights, without a device`]];
}

/** Preparing and exporting hold no devices; what the trainer cannot carry out is refused below. */
function evaluationFacts({ stages = [] }: Plan): readonly Fact[] {
  const evaluate = stages.find(({ name }) => name === 'evaluate');
  if (evaluate === undefined || evaluate.duration.expectedSeconds === 0) return [];
  const { duration, memory } = evaluate;
  return [
    [
      'evaluation',
      `${interval(duration)} ${whoDecodes(evaluate)}; ${formatBytes(memory.bytes)} of ${formatBytes(memory.capacityBytes)}`,
    ],
  ];
}

function whoDecodes({ devices, decoding }: StagePlan): string {
  if (decoding?.engine === 'endpoint') return 'at a server of its own, without a device';
  if (devices === 1) return 'on one device';
  if (decoding?.engine === 'vllm')
    return `by vLLM on ${devices} devices, ${decoding.tensorParallel} a copy of the model`;
  return `on ${devices} devices, one of which decodes`;
}

function whereWeightsAre({ sharding }: Plan, { nodes, devicesPerNode }: ClusterProfile): string {
  if (sharding === 'hybrid')
    return `sharded over the ${devicesPerNode} devices of a node, whole on each of the ${nodes} nodes`;
  const devices = nodes * devicesPerNode;
  return devices === 1 ? 'on one device' : `sharded over all ${devices} devices`;
}

const RECOMPUTE_IN_WORDS = {
  none: 'nothing',
  gate: 'all but attention and gates',
  selective: 'all but attention',
  full: 'everything',
};

/** Modes that even the longest step does not need are left out. */
function whatIsRecomputed({ recompute: longest, recomputeLimits }: Plan): string {
  const last = recomputeLimits.findIndex(({ mode }) => mode === longest);
  return recomputeLimits
    .slice(0, last + 1)
    .map(({ mode, upToTokens }, index) => {
      const limit = index < last ? ` in steps of up to ${formatInteger(upToTokens ?? 0)} tokens a rank` : '';
      return `${RECOMPUTE_IN_WORDS[mode]}${limit}${index > 0 ? ' in longer ones' : ''}`;
    })
    .join(', ');
}

function whatItRestsOn({ calibration, cluster }: Plan): string {
  const { basis, runs, bias } = calibration;
  if (basis === 'none') return "the time model's own bounds; no run has finished on this cluster yet";
  const whose = basis === 'cluster' ? 'of other models ' : 'of this model ';
  return `${runs} finished ${runs === 1 ? 'run' : 'runs'} ${whose}on ${cluster}: ${bias.toFixed(2)} × what the time model expects`;
}

/** Of a plan that is older than rehearsals nothing is said. */
function rehearsalFacts({ rehearsal, cluster }: Plan): readonly Fact[] {
  if (rehearsal === undefined) return [];
  if (rehearsal === null)
    return [['rehearsed', `no; \`stint rehearse RECIPE --cluster ${cluster}\` does it`]];
  const { code, isCurrent, passed, peakBytes } = rehearsal;
  const outcome = passed ? 'as planned' : 'but not as planned, or too large';
  const which = isCurrent ? "this checkout's code" : 'other code than this checkout has';
  return [
    ['rehearsed', `${outcome}, ${formatBytes(peakBytes)} of tensors at the peak, with ${which} (${code})`],
  ];
}

const hours = ({ expected, low, high }: Plan['gpuHours']) =>
  `${formatFigure(expected)} device-hours (${formatFigure(low)} to ${formatFigure(high)})`;

const cost = ({ currency, expected, low, high }: Plan['cost']) =>
  `${formatMoney(expected, currency)} (${formatMoney(low, currency)} to ${formatMoney(high, currency)})`;

function verdictLine({ ok, refuses, name, message }: Verdict): string {
  const mark = ok ? 'ok  ' : refuses ? 'NO  ' : 'warn';
  return `${mark}  ${name}: ${message}`;
}

function refusalLine(verdicts: readonly Verdict[]): string {
  const refused = verdicts.filter((verdict) => !verdict.ok && verdict.refuses);
  if (refused.length === 0) return 'This plan can be launched.';
  return `This plan is refused: ${refused.map((verdict) => verdict.name).join(', ')}. Nothing would be started.`;
}
