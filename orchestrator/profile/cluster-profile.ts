import { z } from 'zod';
import { Name } from '../recipe/name.ts';
import { Bytes, Seconds } from '../units/quantity.ts';

const DeviceSchema = z.strictObject({
  kind: z.enum(['gpu', 'cpu']),
  /** As the ledger and the price book name it, for example `H100-SXM5-80GB`. */
  model: z.string().min(1),
  memory: Bytes,
  /** Dense peak of the compute type, in TFLOP/s; H100 SXM in bf16: 989.4. */
  peakTflops: z.number().positive(),
  /** Extended resource that a pod asks for. Processors are no extended resource. */
  resource: z.string().min(1).optional(),
});

const NetworkSchema = z.strictObject({
  /** What a ring of all ranks sustains per rank, in GB/s: NCCL's bus bandwidth of an all-gather. */
  ringGBps: z.number().positive(),
  /** All-to-all inside a node, per rank, in GB/s. */
  nodeGBps: z.number().positive(),
  /** Environment of the collective library on this network. */
  env: z.record(z.string(), z.string()).default({}),
  /** Extended resources of a training pod, for example `rdma/ib: 1`. */
  resources: z.record(z.string(), z.int().positive()).default({}),
});

/** Machines that measure less before training are refused: held devices would mostly wait. */
const FloorsSchema = z.strictObject({
  /** Of the slowest device: a large matrix product in the compute type, in TFLOP/s. */
  gemmTflops: z.number().positive(),
  /** Bus bandwidth of an all-gather over all ranks, as `network.ringGBps`. */
  ringGBps: z.number().positive(),
  /** What each node writes into the work volume, in MB/s. */
  diskMBps: z.number().positive(),
});

/** As in a pod's specification. */
const TolerationSchema = z.strictObject({
  key: z.string().min(1),
  operator: z.enum(['Exists', 'Equal']).default('Exists'),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

const KubernetesSchema = z.strictObject({
  kind: z.literal('kubernetes'),
  context: z.string().min(1).optional(),
  namespace: z.string().min(1),
  /** Claim of the shared volume that stages hand their files on. */
  volumeClaim: z.string().min(1),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  /** Of every stage's pods, beside the toleration of the device's own taint. */
  tolerations: z.array(TolerationSchema).default([]),
  serviceAccount: z.string().min(1).default('default'),
  queue: z.strictObject({ name: z.string().min(1), priorityClass: z.string().min(1).optional() }).optional(),
  /** More claims to mount, read-only: data sets, or packages that an image leaves out. */
  volumes: z
    .array(z.strictObject({ claim: z.string().min(1), mountPath: z.string().regex(/^\/[^:]+$/) }))
    .default([]),
  /** The local backend runs the source tree and has no image. */
  images: z
    .strictObject({
      trainer: z.string().min(1),
      /** A tag could change under a run; for a cluster whose images are made beside it. */
      allowTags: z.boolean().default(false),
    })
    .refine(({ trainer, allowTags }) => allowTags || /@sha256:[0-9a-f]{64}$/.test(trainer), {
      path: ['trainer'],
      error: 'expected an image pinned by digest (…@sha256:…); allowTags: true takes a tag',
    }),
});

const LocalSchema = z.strictObject({
  kind: z.literal('local'),
  /** Port of the rendezvous; auto takes a free one. */
  rendezvousPort: z.union([z.literal('auto'), z.int().min(1).max(65_535)]).default('auto'),
  /** Threads of each training process; more than one is slower on a busy machine. */
  threadsPerProcess: z.int().positive().default(1),
});

export const ClusterProfileSchema = z.strictObject({
  kind: z.literal('ClusterProfile'),
  name: Name,
  description: z.string().optional(),
  backend: z.discriminatedUnion('kind', [KubernetesSchema, LocalSchema]),
  nodes: z.int().positive(),
  devicesPerNode: z.int().positive(),
  device: DeviceSchema,
  node: z.strictObject({
    /** Processors and memory a training pod may ask for; one pod fills a node. */
    cpus: z.int().positive(),
    memory: Bytes,
    sharedMemory: Bytes,
  }),
  network: NetworkSchema,
  floors: FloorsSchema.optional(),
  price: z.strictObject({
    currency: z.string().length(3),
    /** What an hour of one device costs while a pod holds it. */
    perDeviceHour: z.number().nonnegative(),
    /** Where the price comes from, so that a bill can be explained. */
    source: z.string().min(1),
  }),
  /** From a bound pod to the first step: image, imports, compile, loading weights. */
  startup: Seconds,
  /** From SIGTERM to SIGKILL: time to save a checkpoint. */
  grace: Seconds,
});
export type ClusterProfile = z.infer<typeof ClusterProfileSchema>;
