import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { StagePlan } from './plan.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Stages that hold no devices are not measured as training is: machines differ by this much. */
export const PROCESSOR_BOUNDS: Bounds = { low: 0.3, high: 3 };
/** Python without torch, until it has read the specification. */
export const PROCESS_START_SECONDS = 5;
/** Python with torch. */
export const PROCESS_BYTES = 0.5e9;

/** One device's share of a node, without the device. */
export function onProcessors(
  name: StagePlan['name'],
  { node, devicesPerNode }: ClusterProfile,
  seconds: number,
  bytes: number,
  { low, high }: Bounds = PROCESSOR_BOUNDS,
): StagePlan {
  return {
    name,
    devices: 0,
    memory: { bytes, capacityBytes: node.memory / devicesPerNode },
    duration: { expectedSeconds: seconds, lowSeconds: low * seconds, highSeconds: high * seconds },
    gpuHours: { expected: 0, low: 0, high: 0 },
  };
}
