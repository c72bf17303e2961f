import { z } from 'zod';
import { Name } from '../recipe/name.ts';
import { Currency } from '../units/currency.ts';
import { PricePerDeviceHour } from '../units/device-price.ts';
import { Bytes, Seconds } from '../units/quantity.ts';
import { Rate } from '../units/rate.ts';
import { CapacitySchema } from './capacity.ts';
import { KubernetesSchema } from './kubernetes-backend.ts';
import { AnyText, ExtendedResource, NetworkResource, VariableName } from './kubernetes-text.ts';
import { podClashes } from './pod-clashes.ts';
import { BinaryQuantity, isWholePages } from './resource-amount.ts';

const DeviceSchema = z.strictObject({
  kind: z.enum(['gpu', 'cpu']),
  /** As the ledger and the price book name it, for example `H100-SXM5-80GB`. */
  model: AnyText.min(1),
  memory: Bytes,
  /** Dense peak of the compute type, in TFLOP/s; H100 SXM in bf16: 989.4. */
  peakTflops: Rate,
  /** Dense peak of products in FP8; H100 SXM: 1,979. Omitted: the device has none, which an A100 has not. */
  peakFp8Tflops: Rate.optional(),
  /** Extended resource that a pod asks for. Processors are no extended resource. */
  resource: ExtendedResource.optional(),
});

const NetworkSchema = z.strictObject({
  /** What a ring of all ranks sustains per rank, in GB/s: NCCL's bus bandwidth of an all-gather. */
  ringGBps: Rate,
  /** All-to-all inside a node, per rank, in GB/s. */
  nodeGBps: Rate,
  /** Environment of the collective library on this network. */
  env: z.record(VariableName, AnyText).default({}),
  /** Extended resources of a training pod, for example `rdma/ib: 1`; huge pages as a quantity, `5120Mi`. */
  resources: z
    .record(NetworkResource, z.union([z.int().positive(), BinaryQuantity]))
    .superRefine((resources, context) => {
      for (const [name, wanted] of Object.entries(resources))
        if (!isWholePages(name, wanted))
          context.addIssue({
            code: 'custom',
            path: [name],
            message: `expected a multiple of ${name.slice(10)}`,
          });
    })
    .default({}),
});

/** Machines that measure less before training are refused: held devices would mostly wait. */
const FloorsSchema = z.strictObject({
  /** Of the slowest device: a large matrix product in the compute type, in TFLOP/s. */
  gemmTflops: Rate,
  /** Bus bandwidth of an all-gather over all ranks, as `network.ringGBps`. */
  ringGBps: Rate,
  /** What each node writes into the work volume, in MB/s. */
  diskMBps: Rate,
});

const LocalSchema = z.strictObject({
  kind: z.literal('local'),
  /** Port of the rendezvous; auto takes a free one. */
  rendezvousPort: z.union([z.literal('auto'), z.int().min(1).max(65_535)]).default('auto'),
  /** Threads of each training process; more than one is slower on a busy machine. */
  threadsPerProcess: z.int().positive().default(1),
});

const ProfileSchema = z.strictObject({
  kind: z.literal('ClusterProfile'),
  name: Name,
  description: z.string().optional(),
  backend: z.discriminatedUnion('kind', [KubernetesSchema, LocalSchema]),
  /** An indexed job's names have room for so many pods. */
  nodes: z.int().positive().max(10_000),
  devicesPerNode: z.int().positive(),
  device: DeviceSchema,
  node: z.strictObject({
    /** Processors and memory that a training pod may have; one pod fills a node. */
    cpus: z.int().positive(),
    memory: Bytes,
    sharedMemory: Bytes,
  }),
  /** What the work volume has for one run. Omitted: nothing is said of it. */
  workCapacity: Bytes.optional(),
  network: NetworkSchema,
  floors: FloorsSchema.optional(),
  capacity: CapacitySchema,
  price: z.strictObject({
    currency: Currency,
    /** What an hour of one device costs while a pod holds it. */
    perDeviceHour: PricePerDeviceHour,
    /** Where the price comes from, so that a bill can be explained. */
    source: z.string().min(1),
  }),
  /** From a bound pod until its processes run and have met: image, imports. Loading weights and compiling are planned. */
  startup: Seconds,
  /** From SIGTERM to SIGKILL: time to save a checkpoint. */
  grace: Seconds,
});
export type ClusterProfile = z.infer<typeof ProfileSchema>;

export const ClusterProfileSchema = ProfileSchema.superRefine((profile, context) => {
  for (const { path, expected } of podClashes(profile))
    context.addIssue({ code: 'custom', path: [...path], message: `expected ${expected}` });
});
