import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { Instant } from './page.ts';

const CheckpointRow = z
  .strictObject({
    id: z.string(),
    digest: z.string(),
    run: z.string(),
    fileCount: z.int(),
    bytes: z.int(),
    createdAt: Instant,
  })
  .meta({ id: 'CheckpointRow' });

const Content = z.strictObject({ name: z.string(), sha256: z.string().nullable() });

const CheckpointDetail = z
  .strictObject({
    id: z.string(),
    digest: z.string(),
    files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() })),
    lineage: z.strictObject({
      recipe: z.string(),
      dataset: z.string(),
      model: z.string(),
      code: z.string(),
      inputs: z
        .strictObject({ model: Content.nullable(), dataset: Content, benchmarks: z.array(Content) })
        .optional(),
    }),
    run: z.string(),
    gpuMilliseconds: z.int().meta({ description: 'Device time that its run has held.' }),
    folder: z.string().nullable().meta({ description: 'Where its files are; null on another machine.' }),
    machine: z.string().nullable().meta({ description: 'The other machine, where they are on one.' }),
    registeredAt: Instant,
    evaluations: z
      .array(
        z.looseObject({
          run: z.string().meta({ description: 'The run that evaluated it.' }),
          benchmark: z.string(),
          accuracy: z.number(),
          low: z.number(),
          high: z.number(),
          n: z.int(),
          summary: z.string(),
        }),
      )
      .meta({ description: 'Each control of each benchmark that was asked of it, as `compare` has them.' }),
  })
  .meta({ id: 'Checkpoint' });

const checkpoint = z.string().meta({ description: 'Its id or its digest.' });

const listCheckpoints = {
  summary: 'Every registered checkpoint, newest first',
  input: z.strictObject({ run: z.string().optional() }),
  answer: z.strictObject({ checkpoints: z.array(CheckpointRow) }).meta({ id: 'Checkpoints' }),
} as const satisfies Exchange;

const getCheckpoint = {
  summary: 'Files, lineage and device time of a checkpoint',
  input: z.strictObject({ checkpoint }),
  answer: CheckpointDetail,
} as const satisfies Exchange;

const verifyCheckpoint = {
  summary: 'Read every byte of a checkpoint again and compare it with what was registered',
  input: z.strictObject({ checkpoint }),
  answer: z
    .strictObject({
      id: z.string(),
      ok: z.boolean(),
      folder: z.string(),
      fileCount: z.int(),
      findings: z.array(z.looseObject({ message: z.string() })),
    })
    .meta({ id: 'CheckpointVerification' }),
} as const satisfies Exchange;

export const CHECKPOINT_VERBS = { listCheckpoints, getCheckpoint, verifyCheckpoint } as const;
