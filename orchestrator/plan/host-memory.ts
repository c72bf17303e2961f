import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { ModelSize } from './model-size.ts';
import type { Layout } from './parallelism.ts';

/** Python, torch and the CUDA driver's host side of one rank. */
const PROCESS_BYTES = 3e9;
/** Weights and both moments in fp32: what a checkpoint that training can continue from holds. */
const CHECKPOINT_BYTES_PER_PARAMETER = 12;
/** Pinned buffers into which a rank reads its slices of the weights, one being filled while one is copied. */
const LOADING_BUFFER_BYTES = 2 * 1e9;

/**
 * Memory a training pod needs on its host. Each rank reads only its own slices of the weights (never the 131 GB a rank
 * of a whole fp32 load), and a checkpoint is staged in host memory before it is written (torch DCP). On processors the
 * ranks' own memory lies there, too.
 */
export function hostMemory(
  recipe: FineTune,
  size: ModelSize,
  profile: ClusterProfile,
  layout: Layout,
  perDeviceBytes: number,
): number {
  const staged = recipe.training.checkpoint.everySteps === null ? 0 : CHECKPOINT_BYTES_PER_PARAMETER;
  const staging = (staged * size.parameters) / layout.world;
  const perRank =
    profile.device.kind === 'cpu'
      ? perDeviceBytes + staging
      : PROCESS_BYTES + Math.max(LOADING_BUFFER_BYTES, staging);
  return layout.devicesPerNode * perRank;
}
