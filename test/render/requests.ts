import { z } from 'zod';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import type { Owner } from '../../orchestrator/render/owner.ts';
import type { StageRequest } from '../../orchestrator/render/request.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';

export const recipe = FineTuneSchema.parse({
  kind: 'FineTune',
  name: 's1-tiny',
  team: 'reasoning',
  project: 'lengths',
  costCenter: 'cc-4711',
  model: {
    kind: 'scratch',
    architecture: {
      layers: 1,
      hiddenSize: 96,
      queryHeads: 2,
      keyValueHeads: 2,
      headSize: 48,
      feedForwardSize: 256,
      tiedEmbeddings: true,
    },
  },
  dataset: { source: { kind: 'generated', generator: 'running-digit', samples: 1000, seed: 1 } },
  training: { sequenceLength: 128, epochs: 5, globalBatch: 16, optimizer: { learningRate: 1e-5 } },
});

const price = { currency: 'USD', perDeviceHour: 2.5, source: 'a test' };

const PROFILES = {
  h100: {
    kind: 'ClusterProfile',
    name: 'h100-16',
    backend: {
      kind: 'kubernetes',
      namespace: 'team-reasoning',
      volumeClaim: 'runs',
      nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' },
      serviceAccount: 'trainer',
      queue: {
        name: 'h100-train',
        priorityClass: 'prod',
        topology: { level: 'cloud.provider.com/topology-block' },
      },
      secrets: [{ env: 'HF_TOKEN', secret: 'hf-token', key: 'token' }],
      images: { trainer: `registry.example.com/stint/trainer@sha256:${'1'.repeat(64)}` },
    },
    nodes: 2,
    devicesPerNode: 8,
    device: {
      kind: 'gpu',
      model: 'H100-SXM5-80GB',
      memory: '80GB',
      peakTflops: 989.4,
      resource: 'nvidia.com/gpu',
    },
    node: { cpus: 96, memory: '1100GiB', sharedMemory: '64GiB' },
    network: {
      ringGBps: 350,
      nodeGBps: 400,
      env: { NCCL_IB_HCA: 'ibp', NCCL_SOCKET_IFNAME: 'eth0' },
      resources: { 'rdma/ib': 1 },
    },
    floors: { gemmTflops: 350, ringGBps: 170, diskMBps: 200 },
    price,
    startup: '5min',
    grace: '300s',
  },
  local: {
    kind: 'ClusterProfile',
    name: 'laptop',
    backend: { kind: 'local' },
    nodes: 1,
    devicesPerNode: 2,
    device: { kind: 'cpu', model: 'CPU-core', memory: '2GiB', peakTflops: 0.1 },
    node: { cpus: 2, memory: '6GiB', sharedMemory: '1GiB' },
    network: { ringGBps: 1, nodeGBps: 1 },
    price,
    startup: '8s',
    grace: '30s',
  },
} as const;

export const profile = (name: keyof typeof PROFILES): ClusterProfile =>
  ClusterProfileSchema.parse(PROFILES[name]);

export const OWNERS = ['jobset', 'job', 'trainjob'] as const satisfies readonly Owner[];

/** The profile with another object to carry its pods. */
export function ownedBy(owner: Owner, { backend, ...rest }: ClusterProfile): ClusterProfile {
  if (backend.kind === 'local') throw new Error(`${rest.name} is no Kubernetes`);
  return { ...rest, backend: { ...backend, owner } };
}

export const request = (
  stage: Stage,
  on: ClusterProfile,
  overrides: Partial<StageRequest> = {},
): StageRequest => ({
  run: 'r-01jx3k2m9q',
  stage,
  attempt: 2,
  reachedStep: 40,
  avoidNodes: [],
  recipe,
  recipeDigest: `sha256:${'a'.repeat(64)}`,
  inputs: NO_INPUTS,
  profile: on,
  plan: {
    sequenceParallel: on.devicesPerNode,
    sharding: on.nodes > 1 ? 'hybrid' : 'full',
    recomputeLimits: [
      { mode: 'selective', upToTokens: 9000 },
      { mode: 'full', upToTokens: null },
    ],
    flops: { perTokenLinear: 6e5, perEpoch: 8e10, mfu: 0.4 },
    memory: {
      perGpuBytes: 6e8,
      capacityBytes: 2e9,
      hostBytesPerNode: 2e9,
      hostCapacityBytes: 6e9,
      fits: true,
      parts: [],
      remedies: [],
    },
    duration: {
      expectedSeconds: 700,
      lowSeconds: 600,
      highSeconds: 900,
      stepSeconds: 2,
      computeSeconds: 1.9,
      networkSeconds: 0.7,
      ringSeconds: 0.4,
      startupSeconds: 60,
    },
  },
  ...overrides,
});

/** The job specification as the container will read it. */
export function specText(manifests: readonly Manifest[]): string {
  const config = manifests.find(({ kind }) => kind === 'ConfigMap');
  return z.object({ data: z.object({ 'spec.json': z.string() }) }).parse(config).data['spec.json'];
}
