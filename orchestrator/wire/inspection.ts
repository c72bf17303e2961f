import { z } from 'zod';
import { ControlSchema } from '../recipe/control.ts';
import { ArchitectureSchema } from '../recipe/model.ts';
import { ThinkingSchema } from '../recipe/thinking.ts';
import { BenchmarkCountsSchema } from './benchmark-counts.ts';
import { InputFileSchema, ReadInputsSchema } from './inputs.ts';

/** What `python -m trainer.inspect` is asked, on its standard input: one JSON object. */
export const InspectionRequestSchema = z.object({
  /** Whose tokenizer measures; null measures no length. `folder` may also be a hub's `repository` at a `revision`. */
  model: z
    .union([
      z.object({
        folder: z.string(),
        /** Its weights are looked through, too. */
        whole: z.literal(true).optional(),
      }),
      z.object({ repository: z.string(), revision: z.string() }),
      z.object({ scratch: z.literal(true) }),
    ])
    .nullable(),
  dataset: z.object({
    /** As in a recipe; null: nothing is trained on, and the rest says how questions are put. */
    source: z.record(z.string(), z.unknown()).nullable(),
    /** Of a source of kind `file`, in the order of their rows; their paths are absolute, or relative to where it runs. */
    files: z.array(InputFileSchema.pick({ name: true, path: true })).nullable(),
    /** Null: guess. */
    fields: z.object({ question: z.string(), trace: z.string(), answer: z.string() }).nullable(),
    template: z.literal('s1').default('s1'),
    systemPrompt: z.string().nullable(),
    controlTokens: z.enum(['refuse', 'text']).default('refuse'),
    condition: z.enum(['token', 'step']).optional(),
    thinking: ThinkingSchema.optional(),
  }),
  /** Null: none is too long. */
  sequenceLength: z.int().positive().nullable(),
  overLength: z.enum(['refuse', 'drop', 'truncate']).default('refuse'),
  benchmarks: z
    .array(
      z.object({
        name: z.string(),
        source: z.record(z.string(), z.unknown()),
        files: z.array(InputFileSchema.pick({ name: true, path: true })).nullable(),
        fields: z.object({
          question: z.string(),
          answer: z.string(),
          choices: z.array(z.string()).optional(),
        }),
        grader: z.string(),
      }),
    )
    .default([]),
  /** Under which the questions are asked, of those that put text into a sequence: it is measured, and looked at, with the tokenizer. */
  controls: z.array(ControlSchema).default([]),
  /** Whether a hub may be asked; else what its client has in its cache on this machine counts. */
  online: z.boolean().default(false),
});
export type InspectionRequest = z.input<typeof InspectionRequestSchema>;

export const BrokenRowSchema = z.object({
  /** As its owner knows it. */
  file: z.string(),
  /** From 1; in Parquet the row's number. */
  line: z.int().positive(),
  what: z.string(),
});

export const InspectedBenchmarkSchema = BenchmarkCountsSchema.extend({
  /** The first hundred rows that cannot be asked. */
  broken: z.array(BrokenRowSchema),
  brokenRows: z.int().nonnegative(),
  /** Questions whose text holds a control token of the tokenizer. */
  controlTokens: z.int().nonnegative().default(0),
  /** The first hundred of them. */
  controlTokenRows: z.array(BrokenRowSchema).default([]),
});

/** What it answers on its standard output: one JSON object. */
export const InspectionSchema = z.object({
  /** All, broken ones among them. */
  rows: z.int().nonnegative(),
  /** Names of the fields that rows have, in the order in which they were first seen. */
  columns: z.array(z.string()),
  /** Under which names question, trace and answer are read; null: none could be guessed. */
  fields: z.object({
    question: z.string().nullable(),
    trace: z.string().nullable(),
    answer: z.string().nullable(),
  }),
  /** Whether the fields were guessed. */
  guessed: z.boolean(),
  /** What a person should know of how the rows are kept, such as that they are lists of messages. */
  hints: z.array(z.string()),
  /** Tokens of each usable sample, whole, in order; empty without a tokenizer. */
  lengths: z.array(z.int().positive()),
  /** Tokens of each usable sample's trace alone. */
  traceLengths: z.array(z.int().nonnegative()),
  /** Labelled tokens of each usable sample, after the cut where `overLength` is `truncate`. */
  labels: z.array(z.int().nonnegative()),
  /** Mean tokens of template, system prompt, question and answer. */
  questionAnswerTokens: z.number().nonnegative(),
  /** Samples longer than the sequence length. */
  overLength: z.int().nonnegative(),
  /** Samples that have no label left within the sequence length. */
  unlabelled: z.int().nonnegative(),
  /** Rows whose question, trace and answer all stand in an earlier row. */
  duplicates: z.int().nonnegative(),
  /** Rows whose text holds a control token of the tokenizer. */
  controlTokens: z.int().nonnegative(),
  /** The first of them that hold one. */
  controlTokenRows: z.array(BrokenRowSchema),
  /** The first hundred rows that cannot be used. */
  broken: z.array(BrokenRowSchema),
  brokenRows: z.int().nonnegative(),
  tokenizer: z.object({ sha256: z.string(), vocabularySize: z.int().positive() }).nullable(),
  /** Of the model folder's config.json. */
  architecture: ArchitectureSchema.nullable(),
  benchmarks: z.array(InspectedBenchmarkSchema),
  inputs: ReadInputsSchema,
  /** Why the folder does not hold the model's weights whole; null where it does, and where they were not looked through. */
  damage: z.string().nullable().default(null),
});
export type Inspection = z.infer<typeof InspectionSchema>;

/** What it answers, with exit code 2, where a file cannot be read at all. */
export const InspectionErrorSchema = z.object({
  error: z.object({
    class: z.string(),
    message: z.string(),
    /** The file, and its line where one is known. */
    where: z.string().optional(),
  }),
});
