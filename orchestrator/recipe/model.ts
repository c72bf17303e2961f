import { z } from 'zod';
import { ModelTypeSchema } from './family.ts';

/** Beyond any model, and what is planned with it still ends. */
const Extent = z.int().positive().max(10_000_000);

const ArchitectureFields = z.strictObject(
  {
    /** The family: `model_type` in `config.json`. Left out: `qwen2`. */
    modelType: ModelTypeSchema.optional(),
    layers: Extent,
    hiddenSize: Extent,
    queryHeads: Extent,
    keyValueHeads: Extent,
    headSize: Extent,
    feedForwardSize: Extent,
    /** Rows of the embedding, which may exceed the tokenizer's own count. Omitted: as many as the tokenizer has. */
    vocabularySize: Extent.optional(),
    tiedEmbeddings: z.boolean(),
    ropeTheta: z.number().positive().default(1_000_000),
    rmsNormEpsilon: z.number().positive().default(1e-6),
    maxPositions: z.int().positive().default(32_768),
  },
  {
    error: ({ input }) =>
      input === undefined
        ? 'expected the numbers of the model, which only a folder that is here can say itself; `stint init --model` writes them out'
        : undefined,
  },
);

/**
 * A decoder's numbers, named as the training code needs them (Hugging Face `config.json`). Written out or left out, Qwen2 is left out
 * of what is parsed: recipes keep the digests that they had before there was a choice.
 */
export const ArchitectureSchema = ArchitectureFields.refine(
  ({ queryHeads, keyValueHeads }) => queryHeads % keyValueHeads === 0,
  {
    path: ['keyValueHeads'],
    error: 'expected a divisor of queryHeads: as many of them share each key and value',
  },
)
  .refine(({ headSize }) => headSize % 2 === 0, {
    path: ['headSize'],
    error: 'expected an even number: positions turn two numbers of a head together',
  })
  .overwrite(({ modelType, ...numbers }) =>
    modelType === undefined || modelType === 'qwen2' ? numbers : { modelType, ...numbers },
  );
export type Architecture = z.infer<typeof ArchitectureSchema>;

export const PretrainedModelSchema = z.strictObject({
  kind: z.literal('pretrained'),
  /** Repository on a model hub; or a folder, relative to the recipe's own, that holds `config.json` and safetensors. */
  repository: z.string().min(1),
  /** Commit of that repository: a name that moves would make two runs of one digest differ. A folder has none. */
  revision: z
    .string()
    .regex(/^(?!0{40})[0-9a-f]{40}$/, 'expected a full commit hash of 40 hex digits, not all of them 0')
    .optional(),
  architecture: ArchitectureSchema,
});

const ScratchModel = z.strictObject({
  kind: z.literal('scratch'),
  architecture: ArchitectureSchema,
  /** Standard deviation of the normal distribution that weights start from. */
  initializerRange: z.number().positive().default(0.02),
});

export const ModelSchema = z.discriminatedUnion('kind', [PretrainedModelSchema, ScratchModel]);
export type Model = z.infer<typeof ModelSchema>;
export type PretrainedModel = z.infer<typeof PretrainedModelSchema>;
