import { z } from 'zod';
import { AblationSchema } from '../recipe/ablation.ts';
import { EvaluationSchema } from '../recipe/evaluation-recipe.ts';
import { FineTuneSchema } from '../recipe/fine-tune.ts';
import { InspectionSchema } from '../wire/inspection.ts';

export const Sha256 = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hexadecimal digits')
  .meta({ description: 'Of the bytes of a file.' });

/** A file that its owner has, by its content. */
const SubmittedFile = z.strictObject({
  name: z.string().min(1).max(4096).meta({ description: 'As its owner knows it; errors speak of it.' }),
  sha256: Sha256,
});
export type SubmittedFile = z.infer<typeof SubmittedFile>;

/** A model's files lie in one folder; a name that leads out of it would be written where nothing was meant to be. */
const ModelFile = SubmittedFile.extend({
  name: z.string().regex(/^[A-Za-z0-9_][\w.-]*$/, 'expected the plain name of a file'),
});

const SubmittedModel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folder: z.string(), files: z.array(ModelFile).min(1) }),
  z.strictObject({ kind: z.literal('elsewhere'), folder: z.string() }),
  z.strictObject({ kind: z.literal('hub') }),
]);

const Files = z.array(SubmittedFile).min(1).nullable();

/** What was seen of the data where the recipe is. */
const SeenSchema = z.union([
  z.strictObject({ inspection: InspectionSchema }),
  z.strictObject({ why: z.string().nullable(), tokenizer: z.string().nullable() }),
]);

const Benchmarks = z.array(z.strictObject({ benchmark: z.string(), files: Files }));
const Model = SubmittedModel.nullable();

const Seen = z.array(SeenSchema).max(100);
const SeenAt = z
  .int()
  .nonnegative()
  .nullable()
  .meta({ description: 'Index into `seen`; null: nothing was looked at.' });

const SubmittedArm = z.strictObject({
  name: z.string().min(1),
  value: z.unknown(),
  recipe: FineTuneSchema,
  inputs: z.strictObject({
    model: Model.meta({ description: 'Null for one that starts from scratch.' }),
    dataset: Files,
    benchmarks: Benchmarks,
  }),
  seen: SeenAt,
});

const Rehearsal = z
  .strictObject({ code: z.string(), isCurrent: z.boolean(), peakBytes: z.number(), passed: z.boolean() })
  .nullable();

export const NamedCluster = z
  .union([z.string().min(1).max(200), z.record(z.string(), z.unknown())])
  .meta({ description: 'Name of a profile that the server knows, or a profile as its file has it.' });

/** A recipe as its owner's machine has read it: its file is there, its arms are whole, and its files are named by content. */
export const SubmissionSchema = z.strictObject({
  file: z.string().min(1).max(4096).meta({ description: 'Where the recipe is written; errors speak of it.' }),
  recipe: z.discriminatedUnion('kind', [FineTuneSchema, AblationSchema, EvaluationSchema]),
  arms: z.array(SubmittedArm).max(100).meta({
    description:
      'Of a FineTune the recipe itself; of an Ablation one each, in its order; of an Evaluation none.',
  }),
  asked: z.strictObject({ model: Model, benchmarks: Benchmarks }).optional().meta({
    description: 'Of an Evaluation: what it reads; a registered checkpoint that it names is at the server.',
  }),
  seen: Seen.meta({
    description:
      'Of arms, by their own index; of an Evaluation what was seen of its questions, where they were looked at.',
  }),
  cluster: NamedCluster,
  rehearsals: z
    .array(Rehearsal)
    .max(100)
    .optional()
    .meta({ description: 'Of each arm, where they were kept.' }),
});
export type Submission = z.infer<typeof SubmissionSchema>;
export type SubmittedArm = Submission['arms'][number];
export type SubmittedInputs = Pick<SubmittedArm['inputs'], 'model' | 'benchmarks'>;

/** A recipe once for each value of one field, as its owner's machine has read and measured it. */
export const SubmittedSweepSchema = z.strictObject({
  recipe: FineTuneSchema,
  factor: z.string().min(1).max(200).meta({ description: 'The field, as training.sequenceLength.' }),
  base: SeenAt.meta({ description: 'Of the recipe as it stands: index into `seen`.' }),
  variants: z
    .array(z.strictObject({ value: z.unknown(), recipe: FineTuneSchema, seen: SeenAt }))
    .min(1)
    .max(100),
  seen: Seen,
  cluster: NamedCluster,
});
export type SubmittedSweep = z.infer<typeof SubmittedSweepSchema>;
