import { type FineTune, FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';

/** The smallest recipe that is whole; defaults fill the rest. */
export const DOCUMENT = {
  kind: 'FineTune',
  name: 'tiny',
  model: {
    kind: 'scratch',
    architecture: {
      layers: 1,
      hiddenSize: 96,
      queryHeads: 3,
      keyValueHeads: 3,
      headSize: 32,
      feedForwardSize: 256,
      tiedEmbeddings: true,
    },
  },
  dataset: { source: { kind: 'generated', generator: 'running-digit', samples: 100, seed: 1 } },
  training: { sequenceLength: 64, epochs: 2, globalBatch: 16, optimizer: { learningRate: 0.003 } },
} as const;

export const fineTune = (): FineTune => FineTuneSchema.parse(DOCUMENT);
