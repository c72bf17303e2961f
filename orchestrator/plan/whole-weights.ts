import type { Architecture } from '../recipe/model.ts';
import { modelSize } from './model-size.ts';

/** In matrices; the same as in trainer/sft/parallel.py. */
export const WHOLE_PARAMETERS = 8_000_000;

/** Parameters in matrices, as far as the recipe tells them: a vocabulary that is the tokenizer's is left out. */
export const knownParameters = (architecture: Architecture): number =>
  modelSize(architecture, architecture.vocabularySize ?? 0).matmul;

/** Whether every rank keeps all weights: so small a model's steps wait for exchanges, not for memory. */
export const areWeightsWhole = (architecture: Architecture): boolean =>
  knownParameters(architecture) < WHOLE_PARAMETERS;
