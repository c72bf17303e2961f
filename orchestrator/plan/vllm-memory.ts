import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { cachedElements, type Decoded } from './evaluation-load.ts';
import type { ModelSize } from './model-size.ts';
import type { Plan } from './plan.ts';
import { type Spread, spreadOver } from './vllm-spread.ts';

/** Of each device, for weights, cache and all else: trainer/evaluate/vllm_options.py says it to vLLM. */
const MEMORY_SHARE = 0.9;
/**
 * Activations of the 8,192 tokens that are read together, logits, captured graphs, NCCL and the device's context: vLLM's own
 * reports of models of 7 to 70 billion name 2 to 4 GiB.
 */
const WORKSPACE_BYTES = 4 * 2 ** 30;
/** vLLM on processors takes this for its cache unless it is told otherwise (VLLM_CPU_KVCACHE_SPACE), beside Python with torch. */
const CPU_CACHE_BYTES = 4 * 2 ** 30;
const CPU_PROCESS_BYTES = 1.5e9;

/** What each device of a server has, in bytes. */
export interface ServedMemory {
  readonly spread: Spread;
  /** Of weights, keys and values. */
  readonly elementBytes: 2 | 4;
  readonly weights: number;
  readonly workspace: number;
  /** Of what a position keeps. */
  readonly position: number;
  /** Positions that a copy of the model has room for, of all its sequences together. */
  readonly positions: number;
  readonly capacity: number;
}

/** Weights and cached keys and values are shared by the devices of a copy; where these are more than its key/value heads, heads are repeated. */
export function servedMemory(
  recipe: Decoded,
  size: ModelSize,
  { device, devicesPerNode }: ClusterProfile,
): ServedMemory {
  const { architecture } = recipe.model;
  const onGpus = device.kind === 'gpu';
  const spread = onGpus ? spreadOver(devicesPerNode, architecture) : { tensorParallel: 1, replicas: 1 };
  const elementBytes = onGpus ? 2 : 4;
  const weights = (elementBytes * size.parameters) / spread.tensorParallel;
  const position =
    (elementBytes * cachedElements(recipe)) / Math.min(spread.tensorParallel, architecture.keyValueHeads);
  const capacity = onGpus ? MEMORY_SHARE * device.memory : device.memory * devicesPerNode;
  const workspace = onGpus ? WORKSPACE_BYTES : CPU_PROCESS_BYTES;
  const left = capacity - weights - workspace;
  const cache = onGpus ? left : Math.min(left, CPU_CACHE_BYTES);
  const positions = Math.max(0, Math.floor(cache / position));
  return { spread, elementBytes, weights, workspace, position, positions, capacity };
}

/** Of a device, while so many positions are kept by its copy of the model. */
export function servedParts(
  { weights, workspace, position, spread }: ServedMemory,
  kept: number,
): Plan['memory']['parts'] {
  const { tensorParallel } = spread;
  return [
    { name: 'weights', bytes: weights, formula: `2 B a parameter / ${tensorParallel} (4 B on processors)` },
    {
      name: 'cache',
      bytes: kept * position,
      formula:
        'keys and values of all that is answered together, of up to as many tokens as each may have or as there is room for',
    },
    { name: 'workspace', bytes: workspace, formula: 'activations, logits, graphs and NCCL (an assumption)' },
  ];
}
