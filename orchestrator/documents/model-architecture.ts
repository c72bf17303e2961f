import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import { ModelTypeSchema } from '../recipe/family.ts';
import type { Architecture } from '../recipe/model.ts';
import { parseDocument } from '../recipe/parse-document.ts';

const Count = z.int().positive();

/** The numbers of trainer/sft/architecture.py, which refuses besides what else the trainer does not compute. */
const ConfigSchema = z.object({
  model_type: ModelTypeSchema,
  num_hidden_layers: Count,
  hidden_size: Count,
  num_attention_heads: Count,
  num_key_value_heads: Count,
  head_dim: Count.nullish(),
  intermediate_size: Count,
  vocab_size: Count,
  tie_word_embeddings: z.boolean().default(false),
  rope_theta: z.number().positive().nullish(),
  /** Where transformers 5 keeps what 4 kept beside the other fields. */
  rope_parameters: z.object({ rope_theta: z.number().positive().nullish() }).nullish(),
  rms_norm_eps: z.number().positive(),
  max_position_embeddings: Count,
});

/** What the config.json of a model's folder says of its shape. @throws StintError `not-a-model` at `where`. */
export async function readArchitecture(folder: string, where: string): Promise<Architecture> {
  const file = join(folder, 'config.json');
  const parsed = parseDocument(ConfigSchema, await readJson(file, where));
  if (!parsed.ok)
    throw notTaken(
      file,
      where,
      parsed.issues.map(({ what, expected }) => `${what}, expected ${expected}`).join('; '),
    );
  const { value: config } = parsed;
  const ropeTheta = config.rope_parameters?.rope_theta ?? config.rope_theta;
  if (typeof ropeTheta !== 'number') throw notTaken(file, where, 'rope_theta is missing');
  return {
    modelType: config.model_type,
    layers: config.num_hidden_layers,
    hiddenSize: config.hidden_size,
    queryHeads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    headSize: config.head_dim ?? Math.floor(config.hidden_size / config.num_attention_heads),
    feedForwardSize: config.intermediate_size,
    vocabularySize: config.vocab_size,
    tiedEmbeddings: config.tie_word_embeddings,
    ropeTheta,
    rmsNormEpsilon: config.rms_norm_eps,
    maxPositions: config.max_position_embeddings,
  };
}

async function readJson(file: string, where: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    // The parser's own words show a piece of the file, of any content.
    throw notTaken(file, where, error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message);
  }
}

const notTaken = (file: string, where: string, why: string): StintError =>
  new StintError({
    code: 'not-a-model',
    where,
    what: `the numbers of the model cannot be taken from ${file}`,
    why,
    todo: 'name a model whose family is trained here; or write its numbers into the recipe as model.architecture',
  });
