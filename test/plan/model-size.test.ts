import { describe, expect, it } from 'vitest';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import type { ModelType } from '../../orchestrator/recipe/family.ts';
import type { Architecture } from '../../orchestrator/recipe/model.ts';
import { TINY } from './fixtures.ts';

type Heads = readonly [query: number, keyValue: number, size: number];

const of = (
  modelType: ModelType,
  layers: number,
  hiddenSize: number,
  [queryHeads, keyValueHeads, headSize]: Heads,
  feedForwardSize: number,
  embeddings: 'tied' | 'untied',
): Architecture => ({
  ...TINY,
  modelType,
  layers,
  hiddenSize,
  queryHeads,
  keyValueHeads,
  headSize,
  feedForwardSize,
  tiedEmbeddings: embeddings === 'tied',
});

/** By the published config.json; vocabulary, and the parameters in its safetensors files. */
const PUBLISHED: readonly (readonly [string, Architecture, number, number])[] = [
  ['Qwen3-0.6B', of('qwen3', 28, 1024, [16, 8, 128], 3072, 'tied'), 151_936, 596_049_920],
  ['Qwen3-1.7B', of('qwen3', 28, 2048, [16, 8, 128], 6144, 'tied'), 151_936, 1_720_574_976],
  ['Qwen3-4B', of('qwen3', 36, 2560, [32, 8, 128], 9728, 'tied'), 151_936, 4_022_468_096],
  ['Qwen3-8B', of('qwen3', 36, 4096, [32, 8, 128], 12_288, 'untied'), 151_936, 8_190_735_360],
  ['Qwen3-14B', of('qwen3', 40, 5120, [40, 8, 128], 17_408, 'untied'), 151_936, 14_768_307_200],
  ['Qwen3-32B', of('qwen3', 64, 5120, [64, 8, 128], 25_600, 'untied'), 151_936, 32_762_123_264],
  ['SmolLM2-1.7B', of('llama', 24, 2048, [32, 32, 64], 8192, 'tied'), 49_152, 1_711_376_384],
  ['Mistral-7B-v0.3', of('mistral', 32, 4096, [32, 8, 128], 14_336, 'untied'), 32_768, 7_248_023_552],
  ['Qwen2.5-32B', of('qwen2', 64, 5120, [40, 8, 128], 27_648, 'untied'), 152_064, 32_763_876_352],
];

describe('parameters', () => {
  it.each(PUBLISHED)('of %s are those that are published', (_name, architecture, vocabulary, published) => {
    expect(modelSize(architecture, vocabulary).parameters).toBe(published);
  });

  it('of products are the same in every family', () => {
    const matmul = (modelType: ModelType) => modelSize({ ...TINY, modelType }, 32).matmul;
    expect(new Set((['qwen2', 'qwen3', 'llama', 'mistral'] as const).map(matmul)).size).toBe(1);
  });
});
