import { z } from 'zod';
import { familyOf, ModelTypeSchema } from '../recipe/family.ts';
import type { DataType } from './safetensors-header.ts';

const DATA_TYPE = { float32: 'F32', bfloat16: 'BF16', float16: 'F16' } as const satisfies Record<
  string,
  DataType
>;

const TorchType = z.enum(['float32', 'bfloat16', 'float16']);

/** What of a Hugging Face `config.json` decides names, shapes and types of a model's tensors. */
const ConfigSchema = z.object({
  model_type: ModelTypeSchema,
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive(),
  head_dim: z.int().positive().nullish(),
  vocab_size: z.int().positive(),
  tie_word_embeddings: z.boolean().default(false),
  /** Since transformers 5; `torch_dtype` before. */
  dtype: TorchType.optional(),
  torch_dtype: TorchType.optional(),
});

export interface ExpectedTensors {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly dataType: DataType;
}

/**
 * Names, shapes and type of the tensors that a model of this configuration loads (transformers,
 * `models/qwen2/modeling_qwen2.py` and its like: biases on queries, keys and values only; no `lm_head` where embeddings are tied).
 *
 * @returns What is expected, or a sentence that says why the configuration cannot be used.
 */
export function expectedTensors(config: unknown): ExpectedTensors | string {
  const parsed = ConfigSchema.safeParse(config);
  if (!parsed.success)
    return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  const { hidden_size: hidden, intermediate_size: inner, vocab_size: vocabulary, ...rest } = parsed.data;
  const type = rest.dtype ?? rest.torch_dtype;
  if (type === undefined) return 'dtype: it does not say which type the weights have';
  const headSize = rest.head_dim ?? hidden / rest.num_attention_heads;
  if (!Number.isInteger(headSize))
    return `hidden_size: ${hidden} is no multiple of ${rest.num_attention_heads} heads`;
  const { qkvBiases, qkNorms } = familyOf(rest.model_type);
  const queries = rest.num_attention_heads * headSize;
  const keys = rest.num_key_value_heads * headSize;

  const shapes = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ['model.norm.weight', [hidden]],
  ]);
  if (!rest.tie_word_embeddings) shapes.set('lm_head.weight', [vocabulary, hidden]);
  for (let layer = 0; layer < rest.num_hidden_layers; layer += 1) {
    const of = (name: string, ...shape: number[]) => shapes.set(`model.layers.${layer}.${name}`, shape);
    of('input_layernorm.weight', hidden);
    of('self_attn.q_proj.weight', queries, hidden);
    of('self_attn.k_proj.weight', keys, hidden);
    of('self_attn.v_proj.weight', keys, hidden);
    if (qkvBiases) {
      of('self_attn.q_proj.bias', queries);
      of('self_attn.k_proj.bias', keys);
      of('self_attn.v_proj.bias', keys);
    }
    if (qkNorms) {
      of('self_attn.q_norm.weight', headSize);
      of('self_attn.k_norm.weight', headSize);
    }
    of('self_attn.o_proj.weight', hidden, queries);
    of('post_attention_layernorm.weight', hidden);
    of('mlp.gate_proj.weight', inner, hidden);
    of('mlp.up_proj.weight', inner, hidden);
    of('mlp.down_proj.weight', hidden, inner);
  }
  return { shapes, dataType: DATA_TYPE[type] };
}
