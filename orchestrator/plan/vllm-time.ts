import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { BenchmarkLoad } from './asked.ts';
import { DECODING, type Decoded } from './evaluation-load.ts';
import type { ModelSize } from './model-size.ts';
import type { ServedMemory } from './vllm-memory.ts';

/** Seconds that a block's kernels take to start from a captured graph, and those of vLLM's scheduler: for a step, and for each sequence in it. */
const PER_BLOCK = 3e-5;
const PER_STEP = 1.5e-3;
const PER_SEQUENCE = 1e-5;
/** Two sums of a block over the devices of a copy, each at least as long as a message takes over NVLink. */
const SUMS = 2;
const SUM_SECONDS = 1.2e-5;
/** Share of the peak that products of many rows reach. */
const GEMM = 0.5;
const ACTIVATION_BYTES = 2;

export interface Serving {
  readonly recipe: Decoded;
  readonly size: ModelSize;
  readonly profile: ClusterProfile;
  readonly memory: ServedMemory;
}

/** Sequences that a copy continues together: those that are asked for, as far as the tokens that they have in the mean find room. */
export function together(asked: number, meanTokens: number, { positions, spread }: ServedMemory): number {
  const wanted = Math.ceil(asked / spread.replicas);
  return Math.max(1, Math.min(wanted, Math.floor(positions / Math.max(1, meanTokens))));
}

/**
 * A step continues each of its sequences by a token: the slower of the products and of reading all weights and all that is
 * kept, on each device; beside it the sums over a copy's devices, and what a step takes whatever its size.
 */
export function stepSeconds(
  { recipe, size, profile, memory }: Serving,
  sequences: number,
  kept: number,
): number {
  const { device, network } = profile;
  const { tensorParallel } = memory.spread;
  const { layers, hiddenSize } = recipe.model.architecture;
  const { bytesPerSecond } = DECODING[device.kind];
  const flops = (2 * size.matmul * sequences) / tensorParallel;
  const products = flops / (device.peakTflops * 1e12 * GEMM);
  const reading = (memory.weights + sequences * kept * memory.position) / bytesPerSecond;
  const sum = SUM_SECONDS + (ACTIVATION_BYTES * sequences * hiddenSize) / (network.nodeGBps * 1e9);
  const sums = tensorParallel === 1 ? 0 : SUMS * layers * sum;
  return Math.max(products, reading) + sums + layers * PER_BLOCK + PER_STEP + sequences * PER_SEQUENCE;
}

/**
 * Seconds until all units of a benchmark are answered, each by so many tokens: continued together as long as there are
 * enough of them, and then the longest thought alone.
 *
 * @param positions - The most tokens that a sequence may have.
 * @param batch - Units that are asked for together.
 */
export function answerSeconds(
  serving: Serving,
  { units, tailTokens }: Pick<BenchmarkLoad, 'units' | 'tailTokens'>,
  tokens: number,
  prompt: number,
  positions: number,
  batch: number,
): number {
  const { memory } = serving;
  const { replicas } = memory.spread;
  const kept = Math.min(positions, prompt + tokens / 2);
  const sequences = together(Math.min(batch, units), kept, memory);
  const steps = (units * tokens) / (sequences * replicas);
  const alone = Math.min(positions, prompt + tokens + tailTokens / 2);
  return steps * stepSeconds(serving, sequences, kept) + tailTokens * stepSeconds(serving, 1, alone);
}
