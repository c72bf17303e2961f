import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { formatBytes, formatDuration } from '../units/format.ts';
import { computeBytes } from './device-memory.ts';
import type { ModelSize } from './model-size.ts';
import type { Verdict } from './plan.ts';
import type { StepTime } from './step-time.ts';

/** Weights and both moments in fp32, once whatever the sharding: replicas write nothing twice. */
const STATE_BYTES_PER_PARAMETER = 12;
/** A rank hashes its own part on one core while it writes it (sha256 with the processor's own instructions). */
export const HASH_BYTES_PER_SECOND = 1.8e9;
/** Reading or writing a volume of which the profile names no floor; of a whole model on one core, hashing included. */
const FILE_BYTES_PER_SECOND = 4e8;

/** What training goes on from: all checkpoints but the last. */
export const stateBytes = ({ parameters }: ModelSize): number => STATE_BYTES_PER_PARAMETER * parameters;

/** The last one holds what is exported, and nothing else. */
export const lastCheckpointBytes = (recipe: FineTune, { parameters }: ModelSize): number =>
  computeBytes(recipe) * parameters;

/** Bytes a second of each node: those of the slowest disk that preflight lets pass. */
export const volumeRate = ({ floors }: Pick<ClusterProfile, 'floors'>): number =>
  floors === undefined ? FILE_BYTES_PER_SECOND : 1e6 * floors.diskMBps;

/** Of a whole model that one process reads or writes: one core hashes it on the way. */
export const fileRate = ({ floors }: Pick<ClusterProfile, 'floors'>): number =>
  Math.min(FILE_BYTES_PER_SECOND, 1e6 * (floors?.diskMBps ?? Number.POSITIVE_INFINITY));

/** Seconds in which all ranks write their parts, and hash them. */
export function writeSeconds(bytes: number, profile: ClusterProfile): number {
  const { nodes, devicesPerNode } = profile;
  return bytes / (nodes * volumeRate(profile)) + bytes / (nodes * devicesPerNode) / HASH_BYTES_PER_SECOND;
}

/** What is ended before its checkpoint is written has done all since the last one for nothing. */
export function stopCanBeSaved(
  { training }: FineTune,
  size: ModelSize,
  profile: ClusterProfile,
  { seconds: stepSeconds }: Pick<StepTime, 'seconds'>,
): Verdict {
  const verdict = { name: 'stop-can-be-saved', refuses: training.checkpoint.everySteps === null };
  const { grace, floors, nodes } = profile;
  if (floors === undefined)
    return {
      ...verdict,
      ok: true,
      message: 'the profile names no slowest disk, so nothing can be said of a stop',
    };
  // From the signal to stop until the checkpoint is whole.
  const seconds = stepSeconds + writeSeconds(stateBytes(size), profile);
  const ok = seconds <= grace;
  const figures = `a step and ${formatBytes(stateBytes(size))} of state from ${nodes === 1 ? 'one node' : `${nodes} nodes`} at ${floors.diskMBps} MB/s each, hashed, take ${formatDuration(seconds)}; a pod that is stopped has ${formatDuration(grace)}`;
  const loss =
    training.checkpoint.everySteps === null
      ? 'all that was trained would be lost'
      : `up to ${training.checkpoint.everySteps} steps would be lost`;
  const todo = `raise the profile’s grace to ${formatDuration(roundedUp(seconds))} or its floors.diskMBps, or set training.checkpoint.everySteps`;
  return { ...verdict, ok, message: ok ? figures : `${figures}: ${loss}; ${todo}` };
}

const roundedUp = (seconds: number): number => 60 * Math.ceil(seconds / 60);

/** Null where the profile does not say how much the volume has for a run. */
export function diskFits(
  recipe: FineTune,
  size: ModelSize,
  { workCapacity }: ClusterProfile,
): Verdict | null {
  if (workCapacity === undefined) return null;
  const { everySteps, keep } = recipe.training.checkpoint;
  const [state, last] = [stateBytes(size), lastCheckpointBytes(recipe, size)];
  // Where nothing is saved on the way there is at most what a stop has saved, until the last one is whole; else one more than are
  // kept. The last one and the exported model beside it are less than what they take the place of.
  const most =
    everySteps === null
      ? { bytes: state + last, what: `${states(1, state)} and the last one of ${formatBytes(last)}` }
      : { bytes: (keep + 1) * state, what: states(keep + 1, state) };
  const ok = most.bytes <= workCapacity;
  const figures = `${most.what} take ${formatBytes(most.bytes)} of the volume’s ${formatBytes(workCapacity)} for a run`;
  const todo =
    everySteps !== null && keep > 1
      ? 'lower training.checkpoint.keep, or give the volume more room'
      : 'give the volume more room';
  return {
    name: 'disk-fits',
    ok,
    refuses: true,
    message: ok ? figures : `${figures}: they do not fit; ${todo}`,
  };
}

const states = (count: number, bytes: number): string =>
  `${count === 1 ? 'a checkpoint' : `${count} checkpoints`} of ${formatBytes(bytes)}`;
