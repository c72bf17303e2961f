import type { Architecture } from '../recipe/model.ts';

/** How a served model lies on the devices of its pod. */
export interface Spread {
  /** Devices that share one copy. */
  readonly tensorParallel: number;
  /** Copies. */
  readonly replicas: number;
}

/**
 * All devices work, as trainer/evaluate/vllm_options.py has it: as many as can share one copy by its heads and gates, and copies
 * over the rest. Key/value heads are repeated where devices are more than they, and cannot be where they are no multiple.
 */
export function spreadOver(
  devices: number,
  { queryHeads, keyValueHeads, feedForwardSize }: Architecture,
): Spread {
  const canShare = (each: number) =>
    devices % each === 0 &&
    queryHeads % each === 0 &&
    feedForwardSize % each === 0 &&
    (keyValueHeads % each === 0 || each % keyValueHeads === 0);
  let tensorParallel = devices;
  while (!canShare(tensorParallel)) tensorParallel -= 1;
  return { tensorParallel, replicas: devices / tensorParallel };
}
