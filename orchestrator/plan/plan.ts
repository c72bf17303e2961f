import { z } from 'zod';
import { RecomputeLimitSchema, RecomputeSchema, ShardingSchema, StageSchema } from '../wire/job-spec.ts';
import { CalibrationSchema } from './calibration.ts';
import { PlannedInputsSchema } from './planned-inputs.ts';

const VerdictSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** Nothing is started while this verdict fails; the others warn. */
  refuses: z.boolean(),
  /** One sentence with the figures; for a failed one also what to change. */
  message: z.string(),
});
export type Verdict = z.infer<typeof VerdictSchema>;

/** What the train stage does while it holds the devices, in its order; exporting holds none and is a stage of its own. */
export const DurationPartSchema = z.enum([
  'startup',
  'preflight',
  'load',
  'compile',
  'steps',
  'checkpoint',
  'export',
]);
export type DurationPart = z.infer<typeof DurationPartSchema>;

const Interval = { expected: z.number(), low: z.number(), high: z.number() };

const StagePlanSchema = z.object({
  name: StageSchema,
  /** That it holds; a stage on processors holds none. */
  devices: z.int(),
  /** Of a device, or of what a stage's processes have where it holds none. */
  memory: z.object({ bytes: z.number(), capacityBytes: z.number() }),
  duration: z.object({ expectedSeconds: z.number(), lowSeconds: z.number(), highSeconds: z.number() }),
  gpuHours: z.object(Interval),
  /** Of evaluating: by what, and how. Absent of other stages, and in plans that are older than that. */
  decoding: z
    .object({
      engine: z.enum(['trainer', 'vllm', 'endpoint']),
      /** Of the devices that are held, those that work. */
      working: z.int(),
      tensorParallel: z.int(),
      replicas: z.int(),
      /** Answers that are continued together. */
      together: z.int(),
    })
    .optional(),
});
export type StagePlan = z.infer<typeof StagePlanSchema>;

/**
 * The smallest gain in accuracy that is told in 80 of 100 cases where it is there, each question answered equally often by
 * both; null where that is none.
 */
const SmallestDifferenceSchema = z.number().nullable();

const BenchmarkPowerSchema = z.object({
  benchmark: z.string(),
  questions: z.int(),
  /** Answers to each question, as the recipe says. Absent in plans that are older than that, as `atSamples`. */
  samples: z.int().optional(),
  smallestDifference: SmallestDifferenceSchema,
  /** The same with more answers, and the device-hours that this benchmark then takes by itself, with their price. */
  atSamples: z
    .array(
      z.object({
        samples: z.int(),
        smallestDifference: SmallestDifferenceSchema,
        deviceHours: z.number(),
        /** Absent in plans that are older than that, as `currency`. */
        cost: z.number().optional(),
        currency: z.string().optional(),
      }),
    )
    .optional(),
});
export type BenchmarkPower = z.infer<typeof BenchmarkPowerSchema>;

/** What a recipe will take on a cluster, before anything is rented. Field names are fixed: programs read them. */
export const PlanSchema = z.object({
  recipe: z.string(),
  recipeDigest: z.string(),
  cluster: z.string(),
  /** What it reads, by content. Absent in plans that were made before they had it. */
  inputs: PlannedInputsSchema.optional(),
  /** What the lengths rest on: `prepared` or `measured` data, a `histogram` in the recipe, the generator's `distribution`. */
  basis: z.enum(['prepared', 'measured', 'histogram', 'distribution', 'none']),
  /** Samples trained on, those left out that the over-length policy drops. */
  samples: z.int(),
  steps: z.int(),
  warmupSteps: z.int(),
  /** Tokens of all passes of an epoch; those by which its last batch is filled up count at the mean length. */
  tokensPerEpoch: z.int(),
  /** Share of samples longer than the sequence length. */
  truncatedShare: z.number(),
  /** Share of samples whose reasoning trace alone is longer (what s1's Table 8 counts); null where it is not known. */
  truncatedTraceShare: z.number().nullable(),
  /** Share of device time spent waiting for the longest rank of a step. */
  idleShare: z.number(),
  /** Ranks that share one packed sequence. */
  sequenceParallel: z.int(),
  sharding: ShardingSchema,
  /** What the longest possible step recomputes; with `auto`, shorter steps may recompute less. */
  recompute: RecomputeSchema,
  /** What a step recomputes, by rising number of tokens on each rank; the last entry has no limit. */
  recomputeLimits: z.array(RecomputeLimitSchema),
  /** What the recipe asks for that changes numbers beyond the rounding of bf16 products. Absent in older plans. */
  changesNumerics: z.array(z.object({ field: z.string(), what: z.string() })).optional(),
  flops: z.object({ perTokenLinear: z.number(), perEpoch: z.number(), mfu: z.number() }),
  memory: z.object({
    perGpuBytes: z.number(),
    capacityBytes: z.number(),
    hostBytesPerNode: z.number(),
    hostCapacityBytes: z.number(),
    fits: z.boolean(),
    /** Each part's name, bytes and where its formula comes from; the parts add up to perGpuBytes. */
    parts: z.array(z.object({ name: z.string(), bytes: z.number(), formula: z.string() })),
    remedies: z.array(z.string()),
  }),
  /** Bytes on the work volume: what training goes on from, and the last one, which export reads. Absent in older plans. */
  checkpoints: z.object({ stateBytes: z.number(), lastBytes: z.number() }).optional(),
  /** Of the train stage. */
  duration: z.object({
    expectedSeconds: z.number(),
    lowSeconds: z.number(),
    highSeconds: z.number(),
    /** Seconds that add up to expectedSeconds. Absent in plans that are older than that, as the bounds. */
    parts: z.record(DurationPartSchema, z.number()).optional(),
    /** That add up to lowSeconds and highSeconds. */
    partBounds: z.record(DurationPartSchema, z.object({ low: z.number(), high: z.number() })).optional(),
    stepSeconds: z.number(),
    /** Parts of a mean step, one hidden behind the other: the slowest group's computing, the weights' and gradients' traffic. */
    computeSeconds: z.number(),
    networkSeconds: z.number(),
    /** What of the traffic's seconds depends on the bandwidth between nodes: all but for hybrid sharding. */
    ringSeconds: z.number(),
    /** All before the first step, by the time model. */
    startupSeconds: z.number(),
  }),
  /** What expected, low and high of duration, gpuHours and cost rest on; seconds of steps are the time model's own. */
  calibration: CalibrationSchema,
  /** How its steps were rehearsed from here; null: they were not. Absent in plans that are older than that. */
  rehearsal: z
    .object({
      /** Digest of the trainer's source that ran, and whether that is the source here. */
      code: z.string(),
      isCurrent: z.boolean(),
      /** Of all tensors of the first rank. */
      peakBytes: z.number(),
      /** It fitted, and no figure of the plan was wrong. */
      passed: z.boolean(),
    })
    .nullable()
    .optional(),
  /** In their order; an evaluation that cannot be carried out takes no time. Absent in plans that are older than that. */
  stages: z.array(StagePlanSchema).optional(),
  /** What its evaluation can tell, of each benchmark whose questions were counted. Absent in plans that are older than that. */
  power: z.array(BenchmarkPowerSchema).optional(),
  /** Of all stages together. */
  gpuHours: z.object(Interval),
  cost: z.object({ currency: z.string(), ...Interval }),
  verdicts: z.array(VerdictSchema),
  /** Formula and source of each figure above, by field name. */
  sources: z.record(z.string(), z.string()),
});
export type Plan = z.infer<typeof PlanSchema>;

export const AblationPlanSchema = z.object({
  recipe: z.string(),
  recipeDigest: z.string(),
  cluster: z.string(),
  factor: z.string(),
  /** What the arms read; null where they do not read the same. */
  inputs: PlannedInputsSchema.nullable(),
  arms: z.array(z.object({ name: z.string(), value: z.unknown(), plan: PlanSchema })),
  gpuHours: z.object(Interval),
  cost: z.object({ currency: z.string(), ...Interval }),
  verdicts: z.array(VerdictSchema),
});
export type AblationPlan = z.infer<typeof AblationPlanSchema>;
