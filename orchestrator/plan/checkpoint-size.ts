import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { formatBytes, formatDuration } from '../units/format.ts';
import { computeBytes } from './device-memory.ts';
import type { ModelSize } from './model-size.ts';
import type { Verdict } from './plan.ts';
import type { StepTime } from './step-time.ts';

/** Weights and both moments in fp32, once whatever the sharding: replicas write nothing twice. */
const STATE_BYTES_PER_PARAMETER = 12;
/** A rank reads back and hashes its own part on one core (sha256 with the processor's own instructions). */
const HASH_BYTES_PER_SECOND = 1.8e9;

export const checkpointBytes = ({ parameters }: ModelSize): number => STATE_BYTES_PER_PARAMETER * parameters;

/** Seconds from the signal to stop until the checkpoint is whole, on the slowest disk that preflight lets pass. */
function saveSeconds(
  size: ModelSize,
  { nodes, devicesPerNode, floors }: ClusterProfile,
  stepSeconds: number,
): number | null {
  if (floors === undefined) return null;
  const bytes = checkpointBytes(size);
  const writing = bytes / (nodes * floors.diskMBps * 1e6);
  return stepSeconds + writing + bytes / (nodes * devicesPerNode) / HASH_BYTES_PER_SECOND;
}

/** What is ended before its checkpoint is written has done all since the last one for nothing. */
export function stopCanBeSaved(
  { training }: FineTune,
  size: ModelSize,
  profile: ClusterProfile,
  { seconds: stepSeconds }: Pick<StepTime, 'seconds'>,
): Verdict {
  const verdict = { name: 'stop-can-be-saved', refuses: training.checkpoint.everySteps === null };
  const seconds = saveSeconds(size, profile, stepSeconds);
  if (seconds === null)
    return {
      ...verdict,
      ok: true,
      message: 'the profile names no slowest disk, so nothing can be said of a stop',
    };
  const { grace, floors, nodes } = profile;
  const ok = seconds <= grace;
  const figures = `a step and ${formatBytes(checkpointBytes(size))} of state from ${nodes === 1 ? 'one node' : `${nodes} nodes`} at ${floors?.diskMBps ?? 0} MB/s each, hashed, take ${formatDuration(seconds)}; a pod that is stopped has ${formatDuration(grace)}`;
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
  // The newest is whole before the oldest goes.
  const kept = everySteps === null ? 1 : keep + 1;
  const [states, model] = [kept * checkpointBytes(size), computeBytes(recipe) * size.parameters];
  const ok = states + model <= workCapacity;
  const count = kept === 1 ? 'a checkpoint' : `${kept} checkpoints`;
  const figures = `${count} of ${formatBytes(checkpointBytes(size))} and the exported model of ${formatBytes(model)} take ${formatBytes(states + model)} of the volume’s ${formatBytes(workCapacity)} for a run`;
  const todo =
    kept > 2 ? 'lower training.checkpoint.keep, or give the volume more room' : 'give the volume more room';
  return {
    name: 'disk-fits',
    ok,
    refuses: true,
    message: ok ? figures : `${figures}: they do not fit; ${todo}`,
  };
}
