export interface StepCount {
  readonly perEpoch: number;
  readonly steps: number;
  readonly warmup: number;
  /** Samples processed in one epoch, those counted that a last batch borrows from the epoch's start. */
  readonly passesPerEpoch: number;
}

/**
 * ceil(samples / batch) steps an epoch: the last batch is filled up with the first samples of the same epoch's order, as
 * accelerate's sampler does with `even_batches`. Warm-up is the share of all steps, rounded up (transformers). s1K:
 * 63 x 5 = 315 steps, 16 of warm-up, 5,040 passes.
 */
export function countSteps(samples: number, batch: number, epochs: number, warmupRatio: number): StepCount {
  const perEpoch = Math.ceil(samples / batch);
  const steps = perEpoch * epochs;
  return { perEpoch, steps, warmup: Math.ceil(warmupRatio * steps), passesPerEpoch: perEpoch * batch };
}
