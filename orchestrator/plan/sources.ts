/** Formula and source of each figure of a plan, by field name: what a reader needs to check it by hand. */
export const PLAN_SOURCES: Readonly<Record<string, string>> = {
  samples: 'samples of the basis, less those that dataset.overLength: drop leaves out',
  steps:
    'ceil(samples / globalBatch) x epochs; the last batch of an epoch is filled up with its first samples (accelerate, even_batches)',
  warmupSteps: 'ceil(warmupRatio x steps) (transformers, get_warmup_steps)',
  tokensPerEpoch: 'mean length x steps an epoch x globalBatch',
  truncatedShare: 'samples longer than training.sequenceLength / all samples',
  truncatedTraceShare: 'traces longer than training.sequenceLength / all samples (s1, Table 8: 74% at 4,096)',
  idleShare:
    '1 - mean / max of the groups’ FLOPs over up to 400 simulated steps: shuffled order, dearest sample first to the lightest group (Graham 1969)',
  'flops.perTokenLinear': '6 x parameters in matrix products (Kaplan et al. 2020, section 2.1)',
  'flops.perEpoch':
    'linear x tokens + 6 x layers x query width x sum of squared lengths (causal attention: Dao 2023, section 4.1)',
  'flops.mfu': 'model FLOPs / (step seconds x devices x peak); nothing recomputed is counted',
  memory:
    '16 B a parameter of fp32 states / ranks (ZeRO stage 3) + transients of FSDP2 + chunked loss + activations of the longest possible step',
  'memory.hostBytesPerNode': 'ranks of a node x (process + loading buffers or staged checkpoint)',
  duration:
    'the train stage: profile.startup + steps x mean step seconds; a step is the slower of the slowest group’s computing and the ring’s traffic, plus a tail. Preparing, exporting and evaluating are not in it',
  'duration.interval':
    'bounds of the step time model and of start-up, as factors (see the plan room’s efficiency.ts)',
  gpuHours: 'duration x devices held',
  cost: 'gpuHours x price.perDeviceHour of the cluster profile',
};
