import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { StagePlan } from './plan.ts';

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Stages that hold no devices are not measured as training is: machines differ by this much. */
export const PROCESSOR_BOUNDS: Bounds = { low: 0.3, high: 3 };
/** A hub is as far away as it is, and as busy: from 10 Gbit/s down to what a mirror serves to many at once. */
const HUB_BOUNDS: Bounds = { low: 0.1, high: 10 };
/** Python without torch, until it has read the specification. */
export const PROCESS_START_SECONDS = 5;
/** Python with torch. */
export const PROCESS_BYTES = 0.5e9;

/** One device's share of a node, without the device. `hubSeconds` are waited for a hub. */
export function onProcessors(
  name: StagePlan['name'],
  { node, devicesPerNode }: ClusterProfile,
  seconds: number,
  bytes: number,
  hubSeconds = 0,
): StagePlan {
  const sum = (own: number, hub: number) => own * seconds + hub * hubSeconds;
  return {
    name,
    devices: 0,
    memory: { bytes, capacityBytes: node.memory / devicesPerNode },
    duration: {
      expectedSeconds: sum(1, 1),
      lowSeconds: sum(PROCESSOR_BOUNDS.low, HUB_BOUNDS.low),
      highSeconds: sum(PROCESSOR_BOUNDS.high, HUB_BOUNDS.high),
    },
    gpuHours: { expected: 0, low: 0, high: 0 },
  };
}
