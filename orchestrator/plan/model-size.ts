import { familyOf } from '../recipe/family.ts';
import type { Architecture } from '../recipe/model.ts';

/** Parameter counts of a decoder. */
export interface ModelSize {
  /** All parameters. */
  readonly parameters: number;
  /** Parameters of one transformer block, the unit that FSDP gathers. */
  readonly block: number;
  /** Parameters of the embedding, and of the output head when it has its own. */
  readonly embedding: number;
  /** Parameters that take part in matrix products: blocks' projections and the output head, without biases and norms. */
  readonly matmul: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
}

/**
 * Counted from the layers' shapes: a block has two RMSNorms, and what its family adds to q, k and v. Qwen2.5-32B has 32.764 G
 * parameters, 31.984 G of them in matrix products.
 */
export function modelSize(architecture: Architecture, vocabulary: number): ModelSize {
  const { layers, hiddenSize, feedForwardSize, headSize, tiedEmbeddings } = architecture;
  const { qkvBiases, qkNorms } = familyOf(architecture.modelType);
  const { query, keyValue } = headWidths(architecture);
  const projections = 2 * hiddenSize * query + 2 * hiddenSize * keyValue + 3 * hiddenSize * feedForwardSize;
  const added = (qkvBiases ? query + 2 * keyValue : 0) + (qkNorms ? 2 * headSize : 0);
  const block = projections + added + 2 * hiddenSize;
  const embedding = vocabulary * hiddenSize;
  return {
    parameters: layers * block + hiddenSize + embedding * (tiedEmbeddings ? 1 : 2),
    block,
    embedding,
    matmul: layers * projections + embedding,
    vocabulary,
  };
}

/** Elements a token has in all query heads, and in all key (or value) heads. */
export function headWidths({ queryHeads, keyValueHeads, headSize }: Architecture) {
  return { query: queryHeads * headSize, keyValue: keyValueHeads * headSize };
}
