import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { counted } from '../units/counted.ts';
import {
  formatBytes,
  formatDuration,
  formatFigure,
  formatInteger,
  formatMoney,
  formatPercent,
} from '../units/format.ts';
import { STATE_BYTES_PER_PARAMETER } from './device-memory.ts';
import { inspectionOf, type QuestionEvidence } from './evidence.ts';
import type { DataLengths } from './lengths.ts';
import type { Verdict } from './plan.ts';
import { PLANNED_MEMORY_SHARE } from './recompute.ts';
import type { Sizing } from './sizing.ts';
import type { StepTime } from './step-time.ts';
import { whatCannotBeAsked } from './unusable-data.ts';

/** A wrong guess about a few processor-minutes is harmless; nobody should rent GPUs without knowing for how long. */
export function lengthsKnown({ basis, total, unknown }: DataLengths, { device }: ClusterProfile): Verdict {
  const known = basis !== 'none';
  const messages = {
    prepared: 'lengths come from the prepared data',
    measured: `lengths of all ${formatInteger(total)} samples are measured with the model’s own tokenizer`,
    histogram: 'lengths come from the histogram in the recipe',
    distribution: 'lengths come from the generator’s distribution',
    none: `no sample’s length is known, so neither steps nor cost can be given: ${unknown ?? 'add dataset.lengths to the recipe'}`,
  };
  return { name: 'lengths-known', ok: known, refuses: device.kind === 'gpu', message: messages[basis] };
}

/** What prepare would refuse is refused before it is started. */
export function dataUsable({ basis, unusable }: DataLengths): Verdict {
  const known = basis === 'measured' || basis === 'prepared';
  const message = known ? 'every row of the data can be used' : 'unknown until the data is read';
  const ok = unusable.length === 0;
  return { name: 'data-usable', ok, refuses: true, message: ok ? message : unusable.join('; ') };
}

/** The same of an evaluation's questions; undefined where none of them is here. */
export function questionsUsable(
  { prompt, evaluation: { benchmarks } }: SettledEvaluation,
  evidence: QuestionEvidence | undefined,
): Verdict | undefined {
  const found = inspectionOf(evidence)?.benchmarks ?? [];
  if (found.length === 0) return undefined;
  const policy = { field: 'prompt.controlTokens', says: prompt.controlTokens };
  const unusable = whatCannotBeAsked(benchmarks, found, policy);
  const ok = unusable.length === 0;
  const message = ok ? 'every question that is here can be asked and graded' : unusable.join('; ');
  return { name: 'data-usable', ok, refuses: true, message };
}

export function noSilentTruncation(recipe: FineTune, lengths: DataLengths): Verdict {
  const { overLength, total, longest, tracesOverLength } = lengths;
  const limit = formatInteger(recipe.training.sequenceLength);
  const verdict = { name: 'no-silent-truncation', refuses: true };
  const policy = recipe.dataset.overLength;
  if (lengths.basis === 'none')
    return {
      ...verdict,
      ok: true,
      message: `unknown until the data is prepared, which then applies dataset.overLength: ${policy}`,
    };
  if (overLength === 0)
    return {
      ...verdict,
      ok: true,
      message: `no sample is longer than ${limit} tokens (longest: ${formatInteger(longest)})`,
    };
  const traces =
    tracesOverLength === null ? '' : `; in ${formatPercent(tracesOverLength)} the trace alone is longer`;
  const found = `${formatInteger(overLength)} of ${formatInteger(total)} samples (${formatPercent(overLength / total)}) are longer than ${limit} tokens${traces}`;
  const outcomes = {
    truncate: '; their ends are cut, as the recipe asks',
    drop: '; they are left out, as the recipe asks',
    refuse: `, the longest ${formatInteger(longest)}: raise training.sequenceLength to at least that, or set dataset.overLength to drop or truncate`,
  };
  return { ...verdict, ok: policy !== 'refuse', message: found + outcomes[policy] };
}

/** RoPE without scaling knows no positions beyond those the model was made for. */
export function withinPositions(recipe: FineTune): Verdict {
  const { maxPositions } = recipe.model.architecture;
  const { sequenceLength } = recipe.training;
  const ok = sequenceLength <= maxPositions;
  const message = ok
    ? `sequences of ${formatInteger(sequenceLength)} tokens lie within the model’s ${formatInteger(maxPositions)} positions`
    : `training.sequenceLength ${formatInteger(sequenceLength)} exceeds the model’s ${formatInteger(maxPositions)} positions: lower it to that`;
  return { name: 'within-positions', ok, refuses: true, message };
}

/** A batch that does not divide is an input error before any verdict; this one says how it divides. */
export function worldMatchesBatch(recipe: FineTune, { layout }: Sizing): Verdict {
  const { globalBatch } = recipe.training;
  const message = `a batch of ${globalBatch} is shared by ${counted(layout.groups, 'group')} of ${counted(layout.sequenceParallel, 'rank')}, ${counted(globalBatch / layout.groups, 'sample')} a group on average`;
  return { name: 'world-matches-batch', ok: true, refuses: true, message };
}

export function memoryFits(sizing: Sizing, profile: ClusterProfile, remedies: readonly string[]): Verdict {
  const { deviceBytes, peakTokens, fitsDevice } = sizing;
  const states = STATE_BYTES_PER_PARAMETER * (sizing.size.parameters / sizing.layout.shards);
  const figures = `the largest step (${formatInteger(peakTokens)} tokens a rank) takes ${formatBytes(deviceBytes)} of a device’s ${formatBytes(profile.device.memory)}, ${formatBytes(states)} of it weights, gradients and moments in fp32`;
  const share = formatPercent(PLANNED_MEMORY_SHARE);
  const message = fitsDevice
    ? figures
    : `${figures}: it does not fit the ${share} that may be planned; ${whatToDo(remedies)}`;
  return { name: 'memory-fits', ok: fitsDevice, refuses: true, message };
}

export function hostMemoryFits(
  sizing: Sizing,
  profile: ClusterProfile,
  remedies: readonly string[],
): Verdict {
  const { hostBytes, fitsHost } = sizing;
  const figures = `a node’s processes take ${formatBytes(hostBytes)} of its ${formatBytes(profile.node.memory)}`;
  const message = fitsHost ? figures : `${figures}: it does not fit; ${whatToDo(remedies)}`;
  return { name: 'host-memory-fits', ok: fitsHost, refuses: true, message };
}

const whatToDo = (remedies: readonly string[]) =>
  remedies.length > 0
    ? remedies.join(', or ')
    : 'no single change of nodes, device, length or batch is enough';

/** Full sharding over a slow network idles every device: a 26 min run took 18 h on 10 Gb/s (s1's issue tracker). */
export function networkKeepsUp(time: StepTime, { layout }: Sizing, profile: ClusterProfile): Verdict {
  const ok = time.network <= time.compute || profile.device.kind === 'cpu';
  const ring = `${formatFigure(profile.network.ringGBps)} GB/s`;
  const links =
    layout.sharding === 'full'
      ? `a ring of ${ring}`
      : `${formatFigure(profile.network.nodeGBps)} GB/s inside a node and ${ring} between nodes`;
  const figures = `parameters and gradients take ${stepText(time.network)} a step on ${links}, beside ${stepText(time.compute)} of computing`;
  const message = ok
    ? figures
    : `${figures}: devices wait for the network; use nodes with a faster fabric, or fewer of them with more memory`;
  return { name: 'network-keeps-up', ok, refuses: false, message };
}

/** Of a small model two times that differ would both be 0.0 s. */
const stepText = (seconds: number): string =>
  seconds >= 1 ? formatDuration(seconds) : `${formatFigure(seconds * 1_000)} ms`;

export function withinBudget(
  recipe: RunRecipe,
  gpuHours: number,
  cost: number,
  { price }: ClusterProfile,
): Verdict {
  const verdict = { name: 'within-budget', refuses: true };
  const { budget } = recipe;
  if (!budget) return { ...verdict, ok: true, message: 'the recipe sets no budget' };
  const currency = budget.cost?.currency ?? price.currency;
  if (currency !== price.currency)
    return {
      ...verdict,
      ok: false,
      message: `budget.cost is in ${currency}, but prices of this cluster are in ${price.currency}: give the budget in ${price.currency}`,
    };
  const over = [];
  if (budget.gpuHours !== undefined && gpuHours > budget.gpuHours)
    over.push(`budget.gpuHours ${formatFigure(budget.gpuHours)}`);
  if (budget.cost !== undefined && cost > budget.cost.amount)
    over.push(`budget.cost ${formatMoney(budget.cost.amount, currency)}`);
  const expected = `${formatFigure(gpuHours)} device-hours (${formatMoney(cost, currency)}) are expected`;
  const message =
    over.length === 0
      ? `${expected}, within the budget`
      : `${expected}, beyond ${over.join(' and ')}: raise the budget, or ${recipe.kind === 'FineTune' ? 'train on fewer tokens' : 'ask fewer questions'}`;
  return { ...verdict, ok: over.length === 0, message };
}
