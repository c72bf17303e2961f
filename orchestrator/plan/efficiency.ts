import type { AttentionKernel } from './attention-kernel.ts';

/**
 * The constants of the time model, each with where it comes from. They stand for measurements: a measured figure of
 * one's own cluster belongs here in its place.
 */

export interface Efficiency {
  /** Share of a device's dense peak that matrix products reach. */
  readonly gemm: number;
  /** Share of the peak of FP8 that products reach whose operands have a scale for each row; the casts are counted apart. */
  readonly fp8: number;
  /** Share of the peak that attention reaches, by its kernel. */
  readonly attention: Readonly<Record<AttentionKernel, number>>;
  /** Time of norms, rotations, activations and copies, as a share of the time of matrix products and attention. */
  readonly pointwise: number;
  /** What overlapped collectives take from the compute units, as a share of compute time. */
  readonly contention: number;
  /** Seconds a step spends after its last block: clipping, the optimizer, logging. */
  readonly tail: number;
  /** Seconds a step spends on each block whatever its size: dispatch and the collectives' latency. */
  readonly perBlock: number;
}

/**
 * 1.6 times a compiled block's products in bf16, as a share of twice their peak. With the casts at the bandwidth below the whole
 * step of Llama 3 8B on 8 H100 is 1.12 times as fast as in bf16 and that of 70B 1.24 times, where 1.10 (torchao, float8/README.md)
 * and 1.34 to 1.43 (PyTorch with Crusoe, 70B on 2K H200) are published (test/plan/published-steps.test.ts).
 */
const FP8_SHARE = 0.54;

/** Bytes a second at which operands are read and written to be rounded: three quarters of an H100's 3.35 TB/s. */
export const CAST_BYTES_PER_SECOND = 2.5e12;

/**
 * H100 class. GEMM: 58-60% of peak eager (LLM Foundry's 57-59% hardware utilisation at 30B on 16-32 H100), 66-68% with
 * compiled blocks (torchtitan: compile adds 16% at 8B). Attention by cuDNN, which torch prefers there: 484-529 TFLOP/s causal
 * forward at head size 128 and 2K to 8K tokens (FlashAttention 3 paper, figure 5), and less backward, whose five products are
 * counted as four. FlashAttention 2, which is taken where cuDNN's workspace would be too large: 298-333 forward and no more
 * backward, so six of seven products' time are counted, 271 of 989. Contention 6-8%. Tail: 0.12 s with what embedding and head,
 * in one group, left exposed of a 32B model on 16 devices; 0.026 s of that are counted by the bytes that travel.
 */
const GPU = {
  fp8: FP8_SHARE,
  attention: { cudnn: 0.35, flash: 0.27 },
  pointwise: 0.08,
  contention: 0.07,
  tail: 0.094,
  perBlock: 0,
};

/**
 * Processors, fp32, one thread a rank: small matrices reach a quarter of the peak; gloo's latency counts per block. The
 * quickstart's arms on two quiet cores: 31 and 35 s planned, 30 and 33 s measured. FP8 has no units there: a product of
 * 512 x 768 x 2,048 with its two of the backward pass took 189 ms, casts counted, where fp32 took 83.
 */
const CPU = {
  gemm: 0.25,
  fp8: 0.11,
  attention: { cudnn: 0.1, flash: 0.1 },
  pointwise: 0.3,
  contention: 0,
  tail: 0.006,
  perBlock: 0.006,
};

export function efficiencyOf(kind: 'gpu' | 'cpu', compile: boolean): Efficiency {
  return kind === 'cpu' ? CPU : { ...GPU, gemm: compile ? 0.68 : 0.6 };
}

/**
 * Bounds of step time around the expectation, as factors. GPU: the model's rates are those of the best published runs of
 * dense models of about 30B in bf16, so hardly anybody is faster, and code that is not tuned to its cluster yet is slower
 * (test/plan/published-steps.test.ts); a site's own runs narrow them. CPU: machines differ, and share their cores. A
 * distribution or a histogram adds what sampled lengths may differ by.
 */
export const STEP_TIME_BOUNDS = {
  gpu: { low: 0.95, high: 1.4 },
  cpu: { low: 0.6, high: 1.7 },
} as const;

/** Start-up: half of it with warm caches; double it for a cold image. */
export const STARTUP_BOUNDS = { low: 0.5, high: 2 } as const;

/** Each of its measurements ends by itself. */
export const PREFLIGHT_BOUNDS = { low: 0.4, high: 2.5 } as const;

/**
 * Transfers from and to the work volume. At the profile's floor, below which preflight refuses, a volume can only be faster,
 * but for what other runs do on it meanwhile; where no floor is named, disks differ.
 */
export const VOLUME_BOUNDS = { floor: { low: 0.2, high: 1.25 }, unknown: { low: 0.3, high: 3 } } as const;
