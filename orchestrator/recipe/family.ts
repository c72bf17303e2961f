import { z } from 'zod';

/** Families of decoders that can be trained, by the `model_type` of their `config.json`. */
export const ModelTypeSchema = z.enum(['qwen2', 'qwen3', 'llama', 'mistral']);
export type ModelType = z.infer<typeof ModelTypeSchema>;

/** What sets a family off from the others: in all else their blocks are alike (trainer/family.py). */
export interface Family {
  /** Projections to queries, keys and values have biases. */
  readonly qkvBiases: boolean;
  /** Each head's query and key is normed over the head's own entries. */
  readonly qkNorms: boolean;
}

const FAMILIES: Readonly<Record<ModelType, Family>> = {
  qwen2: { qkvBiases: true, qkNorms: false },
  qwen3: { qkvBiases: false, qkNorms: true },
  llama: { qkvBiases: false, qkNorms: false },
  mistral: { qkvBiases: false, qkNorms: false },
};

/** Recipes that are older than the choice say nothing. */
export const familyOf = (modelType: ModelType = 'qwen2'): Family => FAMILIES[modelType];
