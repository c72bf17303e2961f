/** What the config.json of a small model says. */
export const CONFIG = {
  model_type: 'qwen2',
  num_hidden_layers: 2,
  hidden_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 128,
  vocab_size: 97,
  rope_theta: 10_000,
  rms_norm_eps: 1e-6,
  max_position_embeddings: 512,
};
