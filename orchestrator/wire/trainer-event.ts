import { z } from 'zod';
import { RecomputeSchema } from './job-spec.ts';
import { PHASES } from './phase.ts';

const at = z.int().nonnegative().meta({ description: 'Milliseconds since 1970-01-01T00:00:00Z' });

const PhaseEvent = z.object({ event: z.literal('phase'), at, phase: z.enum(PHASES) });

/** One optimizer step, reported by rank 0. */
const StepEvent = z.object({
  event: z.literal('step'),
  at,
  /** From 1. */
  step: z.int().positive(),
  steps: z.int().positive(),
  /** Mean over samples of each sample's token mean: what is optimised. Null where it was not finite. */
  loss: z.number().nullable(),
  /** Mean over all labelled tokens, for comparison with other trainers. */
  tokenLoss: z.number().nullable(),
  learningRate: z.number(),
  gradientNorm: z.number().nullable(),
  /** Tokens of the step over all ranks, padding left out. */
  tokens: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
  tokensPerSecond: z.number().nonnegative(),
  /** Share of the devices' dense peak that the model's own FLOPs reached. */
  mfu: z.number().nonnegative(),
  /** The same with the FLOPs of what was recomputed. */
  hfu: z.number().nonnegative(),
  /** What the plan expects of `mfu` in the mean. */
  plannedMfu: z.number().nonnegative(),
  recompute: RecomputeSchema,
  /** Peak so far of the device that holds the most; on processors, of the largest process. */
  memoryBytes: z.int().nonnegative(),
  /** Tokens added over all groups to make their sequences divisible. */
  paddedTokens: z.int().nonnegative(),
  /** Parts of `seconds` on rank 0. */
  phaseSeconds: z.object({
    pack: z.number().nonnegative(),
    forward: z.number().nonnegative(),
    backward: z.number().nonnegative(),
    exchange: z.number().nonnegative(),
    update: z.number().nonnegative(),
  }),
});

const CheckpointEvent = z.object({
  event: z.literal('checkpoint'),
  at,
  step: z.int().nonnegative(),
  /** Folder, relative to the work folder. */
  path: z.string(),
  /** From its begin to its publication. */
  seconds: z.number().nonnegative(),
  /** Those of `seconds` in which training stood still for it. */
  blockedSeconds: z.number().nonnegative(),
  bytes: z.int().nonnegative(),
});

/** What was measured of the machines before training. */
const PreflightEvent = z.object({
  event: z.literal('preflight'),
  at,
  seconds: z.number().nonnegative(),
  /** By rank. */
  gemmFlopsPerSecond: z.array(z.number().nonnegative()),
  /** Bus bandwidth of an all-gather over all ranks; null with a single rank. */
  ringBytesPerSecond: z.number().nonnegative().nullable(),
  /** Written into the work folder, by node. */
  diskBytesPerSecond: z.array(z.number().nonnegative()),
  /** By rank; on processors, of the machine. */
  memoryFreeBytes: z.array(z.number().nonnegative()),
  /** What reaches other nodes, by node. Absent in events of older trainers. */
  network: z
    .object({
      /** What NCCL took: `IB`, `Socket` or a plugin's name; null where it did not say, or another backend is used. */
      transport: z.string().nullable(),
      /** InfiniBand, RoCE and EFA devices that the pod sees. */
      adapters: z.array(z.int().nonnegative()),
      /** Those of them with a port that is up. */
      activeAdapters: z.array(z.int().nonnegative()),
      /** Whether the image has the library that opens them. */
      libraryLoads: z.array(z.boolean()),
      /** Memory that a process may pin for them; null: without a limit. */
      pinnableBytes: z.array(z.int().nonnegative().nullable()),
    })
    .optional(),
});

/** Progress of a stage without optimizer steps: samples prepared, questions decoded, files written. */
const ProgressEvent = z.object({
  event: z.literal('progress'),
  at,
  what: z.string(),
  done: z.int().nonnegative(),
  total: z.int().nonnegative(),
});

const NoteEvent = z.object({
  event: z.literal('note'),
  at,
  level: z.enum(['info', 'warning', 'error']),
  message: z.string(),
});

/** One JSON line on the trainer's standard output. Unknown fields are kept for newer trainers' sake. */
export const TrainerEventSchema = z.discriminatedUnion('event', [
  PhaseEvent,
  StepEvent,
  CheckpointEvent,
  PreflightEvent,
  ProgressEvent,
  NoteEvent,
]);
export type TrainerEvent = z.infer<typeof TrainerEventSchema>;
export type StepEvent = z.infer<typeof StepEvent>;
export type PreflightEvent = z.infer<typeof PreflightEvent>;
