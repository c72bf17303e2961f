import { z } from 'zod';

/** A file (or a model's folder) that a stage reads. */
export const InputFileSchema = z.strictObject({
  /** As its owner knows it: errors speak of this, never of where it was copied to. */
  name: z.string().min(1),
  /** Where the stage finds it: relative to the run's work folder, or absolute. */
  path: z.string().min(1),
  /** Of its content; null where only the cluster sees it. */
  sha256: z.string().nullable(),
});
export type InputFile = z.infer<typeof InputFileSchema>;

/** What a run reads from files of its owner's; what comes from a hub or a generator has none. */
export const InputsSchema = z.strictObject({
  /** A pretrained model's folder. */
  model: InputFileSchema.nullable(),
  /** In the order in which their rows are read. */
  dataset: z.array(InputFileSchema),
  benchmarks: z.array(z.strictObject({ benchmark: z.string(), files: z.array(InputFileSchema) })),
  /** Records that the model which is evaluated was trained on: generated questions that stand in them are not asked. */
  trainedOn: InputFileSchema.optional(),
});
export type Inputs = z.infer<typeof InputsSchema>;

/** Of a recipe that names no file. */
export const NO_INPUTS: Inputs = { model: null, dataset: [], benchmarks: [] };

/** Something that was read, and the digest of its content; null for what is generated from the recipe alone. */
const ReadInputSchema = z.object({ name: z.string(), sha256: z.string().nullable() });

/**
 * What was really read. The digest of one file is that of its bytes; of several, and of a model's folder, that of the
 * lines which `sha256sum` prints of them, by name.
 */
export const ReadInputsSchema = z.object({
  /** Null for a model that is trained from scratch. */
  model: ReadInputSchema.nullable(),
  dataset: ReadInputSchema,
  /** As the recipe names them. */
  benchmarks: z.array(ReadInputSchema),
});
