import { z } from 'zod';
import { BrokenRowSchema, InspectedBenchmarkSchema, type Inspection } from '../wire/inspection.ts';
import { summariseLengths } from './length-summary.ts';
import { countUnlabelled } from './unusable-data.ts';

const CountSchema = z.int().nonnegative();

/** What there is to know of a dataset before it is trained on. Field names are fixed: programs read them. */
export const DataReportSchema = z.object({
  /** All, those among them that cannot be used. */
  rows: CountSchema,
  /** Those that can be trained on, before any is found too long. */
  samples: CountSchema,
  /** Tokens of whole samples; null without a tokenizer. */
  lengths: z
    .object({
      min: CountSchema,
      median: CountSchema,
      p95: CountSchema,
      max: CountSchema,
      /** Samples with from ≤ tokens < to. */
      bins: z.array(z.object({ from: CountSchema, to: CountSchema, count: CountSchema })),
    })
    .nullable(),
  tokens: CountSchema,
  /** What the next two are counted at; null: none was named. */
  sequenceLength: CountSchema.nullable(),
  overLength: CountSchema,
  /** Samples whose prompt alone fills the sequence, so that a cut leaves nothing to learn. */
  unlabelled: CountSchema,
  duplicates: CountSchema,
  /** Rows whose text holds a control token of the tokenizer. */
  controlTokens: CountSchema,
  controlTokenRows: z.array(BrokenRowSchema),
  /** The first hundred rows that cannot be used. */
  broken: z.array(BrokenRowSchema),
  brokenRows: CountSchema,
  columns: z.array(z.string()),
  fields: z.object({
    question: z.string().nullable(),
    trace: z.string().nullable(),
    answer: z.string().nullable(),
  }),
  guessed: z.boolean(),
  hints: z.array(z.string()),
  tokenizer: z.object({ sha256: z.string(), vocabularySize: z.int() }).nullable(),
  /** Of the data's content. */
  sha256: z.string().nullable(),
  benchmarks: z.array(InspectedBenchmarkSchema),
});
export type DataReport = z.infer<typeof DataReportSchema>;

const BINS = 16;

export function dataReport(inspection: Inspection, sequenceLength: number | null): DataReport {
  const { lengths, inputs, rows, brokenRows } = inspection;
  const limit = sequenceLength ?? Number.POSITIVE_INFINITY;
  return {
    rows,
    samples: rows - brokenRows,
    lengths: summariseLengths(lengths, BINS),
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    sequenceLength,
    overLength: lengths.filter((length) => length > limit).length,
    unlabelled: countUnlabelled(inspection, limit),
    duplicates: inspection.duplicates,
    controlTokens: inspection.controlTokens,
    controlTokenRows: inspection.controlTokenRows,
    broken: inspection.broken,
    brokenRows,
    columns: inspection.columns,
    fields: inspection.fields,
    guessed: inspection.guessed,
    hints: inspection.hints,
    tokenizer: inspection.tokenizer,
    sha256: inputs.dataset.sha256,
    benchmarks: inspection.benchmarks,
  };
}
