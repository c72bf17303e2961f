import { familyOf } from '../recipe/family.ts';
import type { Architecture } from '../recipe/model.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { headWidths } from './model-size.ts';

/** How blocks compute, as far as it decides what they keep. */
export interface BlockForm {
  readonly sequenceParallel: number;
  readonly compile: boolean;
  /** Bytes of an element in the compute type. */
  readonly computeBytes: number;
}

/**
 * Elements a token leaves in one block for its backward pass. `full` keeps the block's input; `selective` also q, k, v,
 * attention's output and its projection, so that attention is not run twice; `gate` the first wide tensor, too; `none` also both norms' outputs and the four
 * wide tensors of the feed-forward part. Where ranks share a sequence, attention's output is kept twice: as attention's
 * own backward pass needs it, and exchanged, as the projection's does; `gate` exchanges it again instead. Blocks that are not compiled also keep what norms
 * make on their way: in 16 bits their inputs in fp32 in place of the inputs themselves. Norms of queries and keys are kept as the
 * other norms are, by `none` alone. Qwen2.5-32B compiled in bf16 over
 * 64 blocks: 0.66, 2.88, 6.42 and 18.35 MB a token, with shared sequences 0.66, 3.54, 6.42 and 19.01 MB.
 */
export function savedElementsPerToken(
  architecture: Architecture,
  recompute: Recompute,
  form: BlockForm,
): number {
  const { hiddenSize, feedForwardSize } = architecture;
  const { query, keyValue } = headWidths(architecture);
  if (recompute === 'full') return hiddenSize;
  const outputs = form.sequenceParallel > 1 && recompute !== 'gate' ? 2 : 1;
  const attention = 2 * hiddenSize + (1 + outputs) * query + 2 * keyValue;
  if (recompute === 'selective') return attention;
  if (recompute === 'gate') return attention + feedForwardSize;
  const norms = form.compile
    ? 2 * hiddenSize
    : 2 * normElements(architecture, form) - replaced(hiddenSize, form);
  return attention + norms + headNormElements(architecture, form) + 4 * feedForwardSize;
}

/**
 * Of the norms of queries and keys, where there are any: their inputs, the scale of each head in fp32 and, where they are not
 * compiled, the inputs in fp32 in their place, and what was scaled. Nothing reads their outputs again but the rotation.
 */
function headNormElements(
  architecture: Architecture,
  { compile, computeBytes }: Pick<BlockForm, 'compile' | 'computeBytes'>,
): number {
  if (!familyOf(architecture.modelType).qkNorms) return 0;
  const { query, keyValue } = headWidths(architecture);
  const each = compile ? 1 : 4 / computeBytes + 1;
  const scales = (4 / computeBytes) * (architecture.queryHeads + architecture.keyValueHeads);
  return each * (query + keyValue) + scales;
}

/** Of one norm that is not compiled: its input in fp32 where that is another tensor, its scaled input, its output. */
export const normElements = (
  { hiddenSize }: Architecture,
  { computeBytes }: Pick<BlockForm, 'computeBytes'>,
) => (computeBytes < 4 ? 4 / computeBytes + 2 : 2) * hiddenSize;

/** Both norms' inputs, which nothing else needs where there is a copy in fp32. */
const replaced = (hiddenSize: number, { computeBytes }: BlockForm) => (computeBytes < 4 ? 2 * hiddenSize : 0);
