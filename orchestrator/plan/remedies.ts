import { isStintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Training } from '../recipe/training.ts';
import { formatBytes, formatInteger, formatPercent } from '../units/format.ts';
import type { Evidence } from './evidence.ts';
import { dataLengths } from './lengths.ts';
import { type Sizing, sizeUp } from './sizing.ts';

interface Candidate {
  readonly recipe: FineTune;
  readonly profile: ClusterProfile;
  readonly describe: (sizing: Sizing) => string;
}

/** Half the length, a quarter, and so on: shorter than that no reasoning trace is whole. */
const SHORTER = [2, 4, 8, 16];
const MOST_NODES = 16;
/** An H200's memory, for the question whether a bigger device of the same generation would do. */
const H200_BYTES = 141e9;

/** Changes that make the run fit, each proven by planning it again: of every kind the smallest that is enough. */
export function findRemedies(recipe: FineTune, profile: ClusterProfile, evidence?: Evidence): string[] {
  const kinds = [fullRecompute, moreNodes, biggerDevice, widerGroups, shorterSequence, smallerBatch];
  const lengths = dataLengths(recipe, evidence);
  const size = (candidate: Candidate) =>
    candidate.recipe.training.sequenceLength === recipe.training.sequenceLength
      ? sizeUp(candidate.recipe, candidate.profile, evidence, lengths)
      : sizeUp(candidate.recipe, candidate.profile, evidence);
  return kinds.flatMap((candidates) => {
    for (const candidate of candidates(recipe, profile)) {
      const sizing = ifPossible(() => size(candidate));
      if (sizing?.fitsDevice && sizing.fitsHost) return [candidate.describe(sizing)];
    }
    return [];
  });
}

/** A changed knob may not go with the rest of the recipe (a batch that more groups do not divide): no remedy then. */
function ifPossible(size: () => Sizing): Sizing | undefined {
  try {
    return size();
  } catch (error) {
    if (isStintError(error)) return undefined;
    throw error;
  }
}

function* fullRecompute(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  const { recompute } = recipe.training;
  if (recompute !== 'none' && recompute !== 'selective') return;
  yield change(
    recipe,
    profile,
    { recompute: 'auto' },
    (sizing) => `set training.recompute to auto (${needs(sizing)})`,
  );
}

function* moreNodes(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  for (let nodes = profile.nodes + 1; nodes <= MOST_NODES; nodes += 1) {
    const describe = (sizing: Sizing) =>
      `use ${nodes} nodes, ${nodes * profile.devicesPerNode} devices (${needs(sizing)})`;
    yield { recipe, profile: { ...profile, nodes }, describe };
  }
}

function* biggerDevice(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  if (profile.device.kind === 'cpu' || profile.device.memory >= H200_BYTES) return;
  const device = { ...profile.device, memory: H200_BYTES };
  const describe = (sizing: Sizing) =>
    `use devices of ${formatBytes(H200_BYTES)} such as the H200 (${needs(sizing)})`;
  yield { recipe, profile: { ...profile, device }, describe };
}

function* widerGroups(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  if (recipe.training.sequenceParallel === 'auto') return;
  yield change(
    recipe,
    profile,
    { sequenceParallel: 'auto' },
    (sizing) =>
      `set training.sequenceParallel to auto, ${sizing.layout.sequenceParallel} ranks a sequence (${needs(sizing)})`,
  );
}

function* shorterSequence(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  for (const divisor of SHORTER) {
    const sequenceLength = Math.floor(recipe.training.sequenceLength / divisor);
    if (sequenceLength < 8) return;
    yield change(recipe, profile, { sequenceLength }, (sizing) => {
      const share = sizing.lengths.total === 0 ? 0 : sizing.lengths.overLength / sizing.lengths.total;
      const price = share > 0 ? `, which ${formatPercent(share)} of the samples exceed` : '';
      return `set training.sequenceLength to ${formatInteger(sequenceLength)}${price} (${needs(sizing)})`;
    });
  }
}

function* smallerBatch(recipe: FineTune, profile: ClusterProfile): Iterable<Candidate> {
  for (let batch = Math.floor(recipe.training.globalBatch / 2); batch >= 1; batch = Math.floor(batch / 2)) {
    const globalBatch = batch;
    yield change(
      recipe,
      profile,
      { globalBatch },
      (sizing) =>
        `set training.globalBatch to ${globalBatch}, which changes what is optimised (${needs(sizing)})`,
    );
  }
}

function change(
  recipe: FineTune,
  profile: ClusterProfile,
  training: Partial<Training>,
  describe: (sizing: Sizing) => string,
): Candidate {
  return { recipe: { ...recipe, training: { ...recipe.training, ...training } }, profile, describe };
}

const needs = (sizing: Sizing) => `${formatBytes(sizing.deviceBytes)} a device`;
