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
    '1 - mean / max of the groups’ FLOPs over up to 400 simulated steps: shuffled order, dearest sample first to the lightest group (Graham 1969), then exchanges',
  sharding:
    'hybrid (weights and states on each node whole, sharded over its ranks) where that fits 90% of a device with no more recomputation, else full (sharded over all ranks; Zhao et al. 2023, sections 3.2 and 3.3)',
  recomputeLimits:
    'the largest numbers of tokens a rank whose memory, by the parts below, is at most 92% of a device; gate where the mean step fits',
  'flops.perTokenLinear': '6 x parameters in matrix products (Kaplan et al. 2020, section 2.1)',
  'flops.perEpoch':
    'linear x tokens + 6 x layers x query width x sum of squared lengths (causal attention: Dao 2023, section 4.1)',
  'flops.mfu':
    'model FLOPs / (step seconds x devices x peakTflops); nothing recomputed is counted, and products in FP8 as any others',
  changesNumerics:
    'training.compute: fp8-rowwise (torchao’s recipe rowwise: e4m3 for inputs, weights and gradients, scales that are powers of two) and training.asPublished',
  memory:
    '16 B a parameter of fp32 states / ranks that share them (ZeRO stage 3) + transients of FSDP2 + chunked loss + activations of the possible step that takes the most',
  'memory.hostBytesPerNode':
    'ranks of a node x (process + loading buffers or staged checkpoint: 12 B a parameter they hold, twice where pinned)',
  duration:
    'the train stage, the sum of its parts; a step is the slower of the slowest group’s computing and the ring’s traffic, plus the embedding’s traffic, which nothing hides, and a tail. What the other stages take is in `stages`',
  'duration.parts.startup': 'profile.startup: from a bound pod until its processes run',
  'duration.parts.preflight':
    '8 s on GPUs, 2 s on processors where the profile has floors: products, a ring, a disk, each of which ends after 4 s',
  'duration.parts.load':
    '2 B a parameter of published weights, once for each replica / (nodes x floors.diskMBps, or 400 MB/s without), less the 3 s of start-up in which torch is imported and they are read already',
  'duration.parts.compile':
    'what compiling takes longer than the load beside it: 12.5 s for each half of a block, before and after attention, in the ways to recompute that steps take, where training.compile is set (an assumption)',
  'duration.parts.steps': 'steps x mean step seconds',
  'duration.parts.checkpoint':
    'the last one: checkpoints.lastBytes / (nodes x floors.diskMBps, or 400 MB/s without) + hashing at 1.8 GB/s a rank + 1 s; each on the way: staging at 10 GB/s a rank, and what its writing takes longer than the steps until the next',
  'duration.parts.export': 'nothing: its stage holds no devices',
  'checkpoints.stateBytes': '12 B a parameter: weights and both moments in fp32',
  'checkpoints.lastBytes': 'the weights in the compute type: all that export reads',
  'duration.computeSeconds':
    'FLOPs of the slowest group, those recomputed counted, at the device’s expected rates, and its exchanges; attention at 35% of the peak by cuDNN and at 27% by FlashAttention, which a step takes whose workspace for cuDNN would exceed 2 GiB (FlashAttention 3 paper, figure 5); with fp8-rowwise the blocks’ products at 54% of device.peakFp8Tflops and each of their operands read twice and written once, along both axes, at 2.5 TB/s (published runs of 8B and 70B: test/plan/published-steps.test.ts)',
  'duration.networkSeconds':
    '(ranks - 1) / ranks of the parameters gathered twice and their gradients scattered once, over the ring; hybrid: inside the node, while 2 (nodes - 1) / nodes of the gradients cross between nodes, the slower of the two',
  'duration.ringSeconds':
    'the part of it between nodes: with full sharding all, because one ring passes all ranks',
  'duration.interval':
    'bounds of the step time model, 0.95 to 1.40 on GPUs, and of each other part, as factors (see the plan room’s efficiency.ts); a site’s finished runs move and narrow them',
  stages:
    'prepare and export on processors, without devices; prepare: 5 s + a pretrained model’s weights, fetched at 100 MB/s (an assumption) where a hub has them and read to be hashed + tokens of the data at 300,000 a second; train as duration; evaluate by vLLM: see stages.vllm, by an endpoint: stages.endpoint; by the trainer’s decoder it holds one node’s devices for start-up and decoding: batches x (thinking up to the longest sample or the budget + half of the answers) x a step that reads fp32 weights and half a cache; at most all budgets to their ends; with evaluation.untouched again for the model that training began from, which is loaded again and expected to think up to the budget',
  'stages.vllm':
    'start-up + 90 s until it is ready (an assumption) + the weights read twice, to be verified and to be loaded + units x tokens / what a step continues x the step: the slower of products at half the peak and of reading weights and half a cache at 2.5 TB/s, two sums a block of 12 µs and their bytes over network.nodeGBps, 30 µs a block and 1.5 ms a step (assumptions) + the longest thought alone. Tokens: thinkingTokens of the recipe, else the mean length of its training, else the budget; half as much for each Wait; half of the answers',
  'stages.vllm.memory':
    '2 B a parameter / devices of a copy + keys and values, 2 B x 2 x blocks x key/value width / (devices of a copy, at most its key/value heads) x tokens kept + 4 GiB (an assumption), within 0.9 of a device (--gpu-memory-utilization)',
  'stages.endpoint': 'no devices; 40 tokens a second of each answer (an assumption)',
  power:
    'one answer to each: all outcomes of the comparison’s exact interval, one question in ten lost; more: Student’s over gaps between questions, whose variance is 0.25 x gain² between questions and arccos(0.6) / π within, divided by the answers (docs/statistics.md)',
  gpuHours: 'the sum over stages of duration x devices held',
  cost: 'gpuHours x price.perDeviceHour of the cluster profile',
};
