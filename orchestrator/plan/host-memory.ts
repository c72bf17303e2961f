import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';

/** Python, torch and the CUDA driver's host side of one rank. */
const PROCESS_BYTES = 3e9;
/** Weights and both moments in fp32: what a checkpoint that training can continue from holds. */
const CHECKPOINT_BYTES_PER_PARAMETER = 12;
/** Pinned memory is handed out in powers of two, so a staged tensor takes up to twice its bytes (torch's host allocator). */
const PINNED_OVERHEAD = 2;
/** Pinned buffers into which a rank reads its slices of the weights, one being filled while one is copied. */
const LOADING_BUFFER_BYTES = 2 * 1e9;

/**
 * Memory a training pod needs on its host. Each rank reads only its own slices of the weights (never the 131 GB a rank
 * of a whole fp32 load), and stages its shards of a checkpoint before they are written in the background. On
 * processors the ranks' own memory lies there, too.
 */
export function hostMemory(
  size: ModelSize,
  profile: ClusterProfile,
  layout: Layout,
  perDeviceBytes: number,
): number {
  const staging = (CHECKPOINT_BYTES_PER_PARAMETER * size.parameters) / layout.shards;
  const perRank =
    profile.device.kind === 'cpu'
      ? perDeviceBytes + staging
      : PROCESS_BYTES + Math.max(LOADING_BUFFER_BYTES, PINNED_OVERHEAD * staging);
  return layout.devicesPerNode * perRank;
}
